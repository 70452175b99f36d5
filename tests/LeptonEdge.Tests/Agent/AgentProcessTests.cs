using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LeptonEdge.Agent;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent;

public sealed class AgentProcessTests : IDisposable
{
    private readonly AgentProcess _agent = new();

    [Fact]
    public async Task Without_a_hub_the_agent_infers_alarms_and_keeps_everything_sealed_until_there_is_one()
    {
        _agent.Start(AgentProcess.Bearing());
        await _agent.SaysAsync("alarm bearing-fault Raised");
        Assert.Equal(0, await _agent.StopAsync());

        var summary = JsonSerializer.Deserialize(
            await File.ReadAllTextAsync(_agent.PathOf("ledger.summary.json")),
                LedgerSummaryJson.Default.LedgerSummary)!;
        var channel = Assert.Single(summary.Channels);
        Assert.Equal(("drive-end", true, 0L), (channel.Channel, channel.Simulated, channel.Invalid));
        // Without the first delivery, which after a slow start brings what was due before it.
        Assert.InRange(channel.ReadingsPerSecond, 11_760, 12_240);
        Assert.True(summary is { InferencesLocal: > 10, InferencesHub: 0, ShedWindows: 0, Alarms: >= 1 },
            summary.ToString());

        var stored = Unseal(_agent.PathOf("state/outbox.db"));
        var appended = AppendLedger.Read(_agent.PathOf("ledger")).SelectMany(entry => entry.Digests);
        Assert.Equal(appended.Order(), stored.SelectMany(batch =>
            RecordDigest.Compute(batch.Name, batch.Records)).Order());
        var records = stored.Select(batch => batch.Records).ToList();
        Assert.Equal(summary.InferencesLocal, records.Sum(batch => batch.Verdicts.Count));
        // Every inference of a device that was stopped in order is metered, the rehearsal before it is not.
        var usage = records.SelectMany(batch => batch.Usage).Where(used => used.Workload is not null).ToList();
        Assert.Equal(summary.InferencesLocal, usage.Sum(used => used.Amounts.Inferences));
        Assert.All(usage, used => Assert.InRange(
            used.Amounts.CoreMicros, 1, (used.ToMicros - used.FromMicros) * Environment.ProcessorCount));
        Assert.Contains(records.SelectMany(batch => batch.Alarms), alarm => alarm.Rule == "bearing-fault");
        Assert.Contains(records.SelectMany(batch => batch.Series), series => series.Channel.Value == "drive-end.rms");
        Assert.DoesNotContain(records.SelectMany(batch => batch.Series), series => series.Channel.Value == "drive-end");
        Assert.All(records.SelectMany(batch => batch.RawWindows), window => Assert.Equal(1_024, window.Samples.Length));
        Assert.Contains(records.SelectMany(batch => batch.RawWindows), window => window.Reason == "bearing-fault");
    }

    [Fact]
    public async Task What_was_appended_survives_a_kill_and_the_next_start_goes_on_in_the_same_epoch()
    {
        _agent.Start(AgentProcess.Bearing());
        await Eventually.True(() => Entries().Count >= 5, "five appends", 60);
        await _agent.StopAsync("KILL");
        var before = Entries();

        _agent.Start(AgentProcess.Bearing());
        await Eventually.True(() => Entries().Count >= before.Count + 3, "three more appends", 60);
        Assert.Equal(0, await _agent.StopAsync());

        var after = Entries();
        Assert.Equal(before[0].Epoch, Assert.Single(after.Select(entry => entry.Epoch).Distinct()));
        var stored = Unseal(_agent.PathOf("state/outbox.db"));
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(n => (ulong)n),
            stored.Select(batch => batch.Name.Sequence));
        // A kill may come between the append and its note in the ledger, never the other way round.
        Assert.Superset(after.Select(entry => entry.Sequence).ToHashSet(),
            stored.Select(batch => batch.Name.Sequence).ToHashSet());
        Assert.InRange(stored.Count - after.Count, 0, 1);
    }

    [Fact]
    public async Task A_kill_costs_the_metering_of_the_last_interval_and_nothing_is_metered_twice()
    {
        const string Metering = "metering: { every: 1s }\npower: { busy_watts_per_core: 2, measure: false }\n";
        const int UnderWay = 16;
        _agent.Start(AgentProcess.Bearing(Metering));
        await Eventually.True(() => Entries().Count >= 8, "eight appends", 60);
        await _agent.StopAsync("KILL");
        var killed = Unseal(_agent.PathOf("state/outbox.db")).ConvertAll(batch => batch.Records);

        var (usage, verdicts) = Metered(killed);
        Assert.NotEmpty(usage);
        Assert.All(killed.Where(batch => batch.Usage.Count > 0), batch => Assert.Equal(batch.Count, batch.Usage.Count));
        Assert.Equal(usage.Skip(1).Select(used => used.FromMicros), usage.SkipLast(1).Select(used => used.ToMicros));
        var until = usage[^1].ToMicros;
        var metered = usage.Sum(used => used.Amounts.Inferences);
        Assert.InRange(
            metered, verdicts.Count(verdict => verdict.TimeMicros + verdict.LatencyMicros < until) - UnderWay,
            verdicts.Count + UnderWay);
        Assert.All(
            usage, used => Assert.Equal(2 * used.Amounts.CoreMicros, used.Amounts.EstimatedMicrojoules));

        var before = Entries().Count;
        _agent.Start(AgentProcess.Bearing(Metering));
        await Eventually.True(() => Entries().Count >= before + 8, "more appends", 60);
        Assert.Equal(0, await _agent.StopAsync());
        var again = Metered(Unseal(_agent.PathOf("state/outbox.db")).Skip(killed.Count).Select(batch => batch.Records));
        Assert.Equal(again.Verdicts.Count, again.Usage.Sum(used => used.Amounts.Inferences));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_ends_with_status_78_and_names_every_fault()
    {
        _agent.Start(AgentProcess.Bearing("sit: plant-1\n").Replace("device: edge-press", "device: Edge Press"));

        Assert.Equal(AgentHost.ConfigurationStatus, await _agent.ExitAsync());
        Assert.Contains("agent.yaml:2: device: device name 'Edge Press'", _agent.Output);
        Assert.Contains("sit: is not a known key: did you mean 'site'?", _agent.Output);
    }

    [Fact]
    public async Task A_model_or_channel_that_is_not_there_ends_with_status_78_as_well()
    {
        _agent.Start(AgentProcess.Bearing("""
              - { id: second, model: no-such-model/1, channel: drive-end }
              - { id: third, model: bearing-fault/1.0.0, channel: drive-and }
            """));

        Assert.Equal(AgentHost.ConfigurationStatus, await _agent.ExitAsync());
        Assert.Contains("workloads[1].model:", _agent.Output);
        Assert.Contains("workloads[2].channels: no sensor delivers 'drive-and': did you mean 'drive-end'?",
            _agent.Output);
    }

    [Fact]
    public async Task A_choice_that_this_device_cannot_offer_ends_with_status_78_as_well()
    {
        _agent.Start(AgentProcess.Bearing("""
              - { id: second, model: bearing-fault/1.0.0, channel: drive-end, may_leave_device: true,
                  hub_model: bearing-fault-large/1.0.0, choices: [hub, split] }
            """));

        Assert.Equal(AgentHost.ConfigurationStatus, await _agent.ExitAsync());
        Assert.Contains("workloads[1].choices: needs a hub that infers", _agent.Output);
        Assert.Contains(
            "workloads[1].hub_model: a split runs the first stage of bearing-fault-large/1.0.0 here", _agent.Output);
        Assert.Contains("lepton model split makes it", _agent.Output);
    }

    [Fact]
    public async Task The_check_judges_a_file_and_starts_nothing()
    {
        _agent.Start(AgentProcess.Bearing(), "--check");

        Assert.Equal(0, await _agent.ExitAsync());
        Assert.False(Directory.Exists(_agent.PathOf("state")));
    }

    [Fact]
    public async Task The_watchdog_is_fed_and_the_status_told_to_whoever_listens()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_agent.PathOf("notify")));
        _agent.Environment["NOTIFY_SOCKET"] = _agent.PathOf("notify");
        _agent.Start(AgentProcess.Bearing());

        var said = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(said.ToString().Contains("WATCHDOG=1") && said.ToString().Contains("STATUS=12")))
            said.Append(Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token))).Append(
                '\n');

        Assert.Contains("inferences/s, 0 workload(s) elsewhere", said.ToString());
        Assert.Equal(0, await _agent.StopAsync());
    }

    public void Dispose() => _agent.Dispose();

    private static (List<Usage> Usage, List<Verdict> Verdicts) Metered(IEnumerable<RecordBatch> batches)
    {
        var all = batches.ToList();
        return ([.. all.SelectMany(batch => batch.Usage).Where(used => used.Workload is not null)],
            [.. all.SelectMany(batch => batch.Verdicts)]);
    }

    private List<LedgerEntry> Entries() =>
        File.Exists(_agent.PathOf("ledger")) && new FileInfo(_agent.PathOf("ledger")).Length > 8
            ? [.. AppendLedger.Read(_agent.PathOf("ledger"))]
            : [];

    private List<(BatchName Name, RecordBatch Records)> Unseal(string file)
    {
        using var outbox = Outbox.Open(
            new OutboxOptions { Path = file, SealGap = (_, _, _, _, _) =>
                throw new InvalidOperationException("nothing is shed here") },
            TimeProvider.System);
        var opener = new BatchOpener([_agent.HubKey]);
        var sealedBatches = new List<OutboxBatch>();
        outbox.ReadAfter(0, 10_000, long.MaxValue, sealedBatches);
        return [.. sealedBatches.Select(batch => Open(opener, batch.Sealed))];
    }

    private static (BatchName Name, RecordBatch Records) Open(BatchOpener opener, byte[] bytes)
    {
        var plaintext = new System.Buffers.ArrayBufferWriter<byte>();
        var opened = Assert.IsType<OpenResult.Opened>(opener.Open(bytes, plaintext));
        Assert.Equal(new DeviceId("edge-press"), opened.Header.Device);
        return (opened.Header.Name, BatchCodec.Decode(plaintext.WrittenSpan));
    }
}
