using System.Text.Json;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Reads ONNX Runtime's profile: a Chrome trace, one event for each run of each kernel, whole microseconds.
/// </summary>
internal static class TraceReader
{
    private const string Suffix = "_kernel_time";

    // Shorter kernels vary by less than the trace's unit, so that only a mean tells them apart.
    private const double MedianFromMicros = 20;

    /// <param name="file">The trace.</param>
    /// <param name="warm">First runs that are left out.</param>
    /// <returns>Seconds of a run of each kernel, by the name of its node.</returns>
    public static Dictionary<string, double> Read(string file, int warm)
    {
        using var stream = File.OpenRead(file);
        using var trace = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowTrailingCommas = true });
        var micros = new Dictionary<string, List<double>>();
        foreach (var entry in trace.RootElement.EnumerateArray())
        {
            if (entry.GetProperty("cat").GetString() != "Node" || entry.GetProperty("name").GetString() is not { } name
                || !name.EndsWith(Suffix, StringComparison.Ordinal))
            {
                continue;
            }

            name = name[..^Suffix.Length];
            if (!micros.TryGetValue(name, out var list))
                micros[name] = list = [];
            list.Add(entry.GetProperty("dur").GetDouble());
        }

        return micros.ToDictionary(entry => entry.Key, entry => Typical([.. entry.Value.Skip(warm)]) * 1e-6);
    }

    private static double Typical(double[] micros)
    {
        if (micros.Length == 0)
            return 0;
        Array.Sort(micros);
        var median = micros[micros.Length / 2];

        // What else the machine does only ever adds: the highest tenth says nothing of the kernel.
        return median >= MedianFromMicros ? median : micros.Take(Math.Max(1, micros.Length * 9 / 10)).Average();
    }
}
