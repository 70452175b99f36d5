using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Agent.Status;

/// <summary>Notes down every append, and at the end what the agent did, for a comparison with the hub's
/// store.</summary>
public sealed class AgentLedger : IDisposable
{
    private readonly string _file;
    private readonly AppendLedgerWriter _writer;
    private long _batches;

    /// <param name="file">Kept and continued if it is there.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="InvalidDataException">The file is something else.</exception>
    public AgentLedger(string file)
    {
        _file = file;
        var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        // An entry that a power cut left half written would hide all that follows it.
        if (stream.Length > 0)
            stream.SetLength(AppendLedger.WholeBytes(stream));
        stream.Position = stream.Length;
        _writer = new AppendLedgerWriter(stream);
    }

    public void Append(BatchName name, RecordBatch batch, int sealedBytes)
    {
        _writer.Append(name, batch, sealedBytes);
        Interlocked.Increment(ref _batches);
    }

    /// <summary>Writes <c>FILE.summary.json</c> beside the ledger.</summary>
    public void Summarise(IEnumerable<ChannelRuntime> channels, IEnumerable<WorkloadRunner> workloads, long alarms)
    {
        var all = workloads.ToList();
        var summary = new LedgerSummary(
            [.. channels.Select(channel => new ChannelSummary(
                channel.Name.Value, channel.Facts.RateHz, channel.Readings.Total, channel.DeliveredFor.TotalSeconds, channel.DeliveredPerSecond,
                channel.Invalid, channel.Facts.Simulated))],
            all.Sum(workload => workload.InferencesLocal),
            all.Sum(workload => workload.InferencesHub),
            all.Sum(workload => workload.Fallbacks),
            all.Sum(workload => workload.Late),
            all.Sum(workload => workload.Question?.Tally.LateReplies ?? 0),
            all.Sum(workload => workload.Shed),
            alarms,
            Interlocked.Read(ref _batches));
        File.WriteAllText(_file + ".summary.json",
            JsonSerializer.Serialize(summary, LedgerSummaryJson.Default.LedgerSummary));
    }

    public void Dispose() => _writer.Dispose();
}

/// <summary>What one run of an agent came to.</summary>
/// <param name="LateReplies">Replies of the hub that came after the device had answered itself.</param>
/// <param name="ShedWindows">Windows without a verdict, because lane and slots were taken.</param>
public sealed record LedgerSummary(
    IReadOnlyList<ChannelSummary> Channels, long InferencesLocal, long InferencesHub, long Fallbacks, long Late,
    long LateReplies, long ShedWindows, long Alarms, long Batches);

/// <summary>What one channel came to.</summary>
/// <param name="RateHz">The rate that the sensor has by its own account.</param>
/// <param name="Seconds">From the first delivery to the last, by the machine's steady clock.</param>
/// <param name="ReadingsPerSecond">As they arrived, over those seconds.</param>
public sealed record ChannelSummary(
    string Channel, double RateHz, long Readings, double Seconds, double ReadingsPerSecond, long Invalid, bool Simulated);

/// <summary>Source-generated JSON of the summary, in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(LedgerSummary))]
public sealed partial class LedgerSummaryJson : JsonSerializerContext;
