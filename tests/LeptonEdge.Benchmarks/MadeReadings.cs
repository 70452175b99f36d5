using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Benchmarks;

/// <summary>Readings as a machine's sensors make them, from one seed: 16 channels, read together once a second by a
/// clock that is some microseconds off each time. Channels differ in what their sensors resolve.</summary>
internal sealed class MadeReadings
{
    public const int Channels = 16;
    public const int ReadingsPerBatch = 2048;
    private const int RowsPerBatch = ReadingsPerBatch / Channels;

    // What a double can hold of it: a sixteenth of a degree, a hundredth of load, a page of memory, an RMS in single
    // precision, a kurtosis in double precision.
    private static readonly string[] Names =
    [
        "spindle.temperature", "motor.temperature", "oil.temperature", "cabinet.temperature",
        "cpu0.load", "cpu1.load", "cpu2.load", "cpu3.load", "memory.used", "disk.used",
        "drive-end.rms", "fan-end.rms", "line.pressure", "parts.count", "door.open", "drive-end.kurtosis",
    ];

    private readonly long[] _times;
    private readonly double[][] _values;

    public MadeReadings(int batches, int seed = 20)
    {
        var random = new Random(seed);
        Batches = batches;
        _times = new long[batches * RowsPerBatch];
        for (var row = 0; row < _times.Length; row++)
            _times[row] = 1_790_000_000_000_000 + (row * 1_000_000L) + random.Next(250);
        _values = [.. Enumerable.Range(0, Channels).Select(channel => Make(channel, _times.Length, random))];
    }

    public int Batches { get; }

    public static IReadOnlyList<ChannelName> ChannelNames { get; } = [.. Names.Select(name => new ChannelName(name))];

    /// <summary>One batch, put together reading by reading as an agent does.</summary>
    public RecordBatch Batch(int index)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        foreach (var (channel, time, value) in Rows(index))
            batch.AddReading(ChannelNames[channel], time, value);
        return batch;
    }

    /// <summary>The readings of one batch in the order of reading.</summary>
    public IEnumerable<(int Channel, long Time, double Value)> Rows(int index)
    {
        var first = index % Batches * RowsPerBatch;
        for (var row = first; row < first + RowsPerBatch; row++)
        {
            for (var channel = 0; channel < Channels; channel++)
                yield return (channel, _times[row], _values[channel][row]);
        }
    }

    private static double[] Make(int channel, int count, Random random)
    {
        var values = new double[count];
        var level = channel switch { < 4 => 40 + (5 * channel), 8 or 9 => 1.5e9, 12 => 6, _ => 0.0 };
        for (var i = 0; i < count; i++)
        {
            values[i] = channel switch
            {
                < 4 => Math.Round((level += Noise(random) * 0.05) * 16) / 16,
                < 8 => Math.Round(Math.Clamp(35 + (Noise(random) * 12), 0, 100)),
                8 or 9 => Math.Round((level += Noise(random) * 200_000) / 4096) * 4096,
                10 or 11 => (float)(0.8 + (Noise(random) * 0.05)),
                12 => Math.Round(level + (Noise(random) * 0.02), 3),
                13 => level += random.Next(3) == 0 ? 1 : 0,
                14 => random.Next(200) == 0 ? 1 : 0,
                _ => 3 + (Noise(random) * 0.4),
            };
        }

        return values;
    }

    /// <summary>Near enough to a normal distribution: mean 0, standard deviation 1.</summary>
    private static double Noise(Random random)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
            sum += random.NextDouble();
        return sum;
    }
}
