using System.Runtime.InteropServices;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Sensing;

/// <summary>Keeps what a driver hands over.</summary>
internal sealed class Recorder : ISampleSink
{
    private readonly Lock _lock = new();
    private readonly List<(int Channel, long Micros, float[] Samples)> _blocks = [];
    private readonly List<(int Channel, long Micros, double Value)> _readings = [];

    public List<(int Channel, long Micros, float[] Samples)> Blocks
    {
        get
        {
            lock (_lock)
                return [.. _blocks];
        }
    }

    public List<(int Channel, long Micros, double Value)> Readings
    {
        get
        {
            lock (_lock)
                return [.. _readings];
        }
    }

    public float[] Samples => [.. Blocks.SelectMany(block => block.Samples)];

    public void OnBlock(int channelIndex, long startMicros, ReadOnlySpan<float> samples)
    {
        var copy = samples.ToArray();
        lock (_lock)
            _blocks.Add((channelIndex, startMicros, copy));
    }

    public void OnReading(int channelIndex, long timeMicros, double value)
    {
        lock (_lock)
            _readings.Add((channelIndex, timeMicros, value));
    }

    /// <summary>Runs a driver while the test's clock moves on in steps, each of which must bring
    /// <paramref name="perStep"/> more; before a step the test may change the world.</summary>
    public static async Task<Recorder> Run(
        ISensorDriver driver, ManualTimeProvider clock, int steps, TimeSpan step,
        Func<Recorder, int> count, int perStep, Action<int>? before = null)
    {
        var recorder = new Recorder();
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => driver.RunAsync(recorder, stop.Token));
        await clock.HasTimerWithin(TimeSpan.FromMinutes(10));
        for (var i = 0; i < steps && !run.IsCompleted; i++)
        {
            before?.Invoke(i);
            clock.Advance(step);
            var expected = (i + 1) * perStep;
            await Eventually.True(() => count(recorder) >= expected || run.IsCompleted, $"{expected} in step {i}");
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        return recorder;
    }
}

/// <summary>Bytes of .npy files, sound and broken.</summary>
internal static class Npy
{
    public static string Header(string descr, string shape) =>
        $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}";

    public static byte[] File(string header, byte[] data, byte major = 1)
    {
        var length = major == 1
            ? BitConverter.GetBytes((ushort)header.Length)
            : BitConverter.GetBytes((uint)header.Length);
        return [0x93, .. "NUMPY"u8, major, 0, .. length, .. System.Text.Encoding.ASCII.GetBytes(header), .. data];
    }

    public static byte[] Of(params float[] samples) =>
        File(Header("<f4", $"{samples.Length},"), MemoryMarshal.AsBytes<float>(samples).ToArray());

    public static byte[] OfDoubles(params double[] samples) =>
        File(Header("<f8", $"{samples.Length},"), MemoryMarshal.AsBytes<double>(samples).ToArray(), major: 2);
}
