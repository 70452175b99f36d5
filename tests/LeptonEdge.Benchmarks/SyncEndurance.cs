using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks;

/// <summary>The line under a steady load for minutes: what is live on the heap after each collection must not
/// grow.</summary>
internal static class SyncEndurance
{
    private const int BatchesPerSecond = 250;
    private const double GrowthMax = 1.1;
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Figure>> RunAsync(int port, TimeSpan length)
    {
        var made = new MadeReadings(64);
        using var line = new SyncLine(port);
        var samples = new List<(double Heap, double Resident)>();
        var appended = 0;
        await using (line.Run())
        {
            var clock = Stopwatch.StartNew();
            var nextSample = SampleEvery;
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (clock.Elapsed < length && await tick.WaitForNextTickAsync())
            {
                for (; appended < clock.Elapsed.TotalSeconds * BatchesPerSecond; appended++)
                    line.Append(made.Batch(appended));
                if (clock.Elapsed < nextSample)
                    continue;
                samples.Add(Sample());
                nextSample += SampleEvery;
                if (samples.Count % 12 == 0)
                    Console.Error.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {clock.Elapsed:mm\\:ss}: {(long)appended * MadeReadings.ReadingsPerBatch:#,0} readings, heap "
                        + $"{samples[^1].Heap:0.0} MiB, resident {samples[^1].Resident:0} MiB, backlog "
                        + $"{line.Outbox.Backlog.Batches} batches"));
            }

            await line.DrainedAsync();
        }

        line.CheckStored((long)appended * MadeReadings.ReadingsPerBatch);
        // The first quarter warms up: caches fill, code is compiled.
        var third = samples.Count / 4;
        var early = samples.Skip(third).Take(third).ToList();
        var late = samples.TakeLast(third).ToList();
        return
        [
            new Figure("readings stored", (double)appended * MadeReadings.ReadingsPerBatch, "readings"),
            Figure.RatioAtMost(
                "live heap, last quarter", Statistics.Median(late.Select(s => s.Heap)), "MiB", "second quarter",
                Statistics.Median(early.Select(s => s.Heap)), GrowthMax),
            new Figure("resident, last quarter", Statistics.Median(late.Select(s => s.Resident)), "MiB",
                "second quarter", Statistics.Median(early.Select(s => s.Resident)),
                Statistics.Median(late.Select(s => s.Resident)) / Statistics.Median(early.Select(s => s.Resident))),
        ];
    }

    private static (double Heap, double Resident) Sample()
    {
        // What is live, not what waits to be collected.
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        return (heap / 1048576.0, Environment.WorkingSet / 1048576.0);
    }
}
