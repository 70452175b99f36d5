using System.Diagnostics;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>Asks at a steady rate, whether earlier answers are there or not. A time runs from when the request was due, so
/// that waiting counts.</summary>
internal static class OpenLoad
{
    /// <param name="paths">Of the request with this number.</param>
    /// <returns>Milliseconds of each request, in order.</returns>
    public static async Task<double[]> RunAsync(HttpClient client, Func<int, string> paths, int perSecond, int seconds)
    {
        var count = perSecond * seconds;
        var times = new double[count];
        var pending = new Task[count];
        var clock = Stopwatch.StartNew();
        for (var next = 0; next < count;)
        {
            while (next < count && next * 1000.0 / perSecond <= clock.Elapsed.TotalMilliseconds)
            {
                var number = next++;
                pending[number] = Task.Run(() => AskAsync(number));
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(pending);
        return times;

        async Task AskAsync(int number)
        {
            using var answer = await client.GetAsync(paths(number));
            if (!answer.IsSuccessStatusCode)
                throw new BenchmarkException($"{paths(number)}: {(int)answer.StatusCode}");
            await answer.Content.CopyToAsync(Stream.Null);
            times[number] = clock.Elapsed.TotalMilliseconds - (number * 1000.0 / perSecond);
        }
    }

    public static double Percentile(IEnumerable<double> times, double share)
    {
        var sorted = times.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
