using System.Diagnostics;

namespace LeptonEdge.Benchmarks;

/// <summary>The real agent as a process of its own.</summary>
internal static class AgentProcess
{
    /// <summary>In the line that says that sensors deliver and records are appended.</summary>
    public const string ReadyText = " channels with ";

    /// <summary>The folder of shipped boards, workloads and models.</summary>
    public static string Shipped => Path.Combine(FindRepository(), "firmware-config");

    public static Process Start(string configuration)
    {
        var start = new ProcessStartInfo(Built("LeptonEdge.Agent"), ["--config", configuration])
        {
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new BenchmarkException($"{start.FileName} did not start");
    }

    /// <summary>A program of the product in its own output folder: beside the benchmarks it would find their framework,
    /// not its own.</summary>
    public static string Built(string project) => BuiltBelow("src", project);

    /// <summary>A program of the tests, likewise.</summary>
    public static string BuiltTest(string project) => BuiltBelow("tests", project);

    private static string BuiltBelow(string room, string project)
    {
        var root = FindRepository();
        var output = Path.GetRelativePath(Path.Combine(root, "tests/LeptonEdge.Benchmarks"), AppContext.BaseDirectory);
        return Path.Combine(root, room, project, output, project);
    }

    /// <summary>Waits for a line that contains the text. Nobody reads on: the pipe holds far more than an agent says
    /// in a minute.</summary>
    public static async Task WaitForAsync(Process agent, string text, TimeSpan patience)
    {
        var end = Task.Delay(patience);
        while (true)
        {
            var line = agent.StandardOutput.ReadLineAsync();
            if (await Task.WhenAny(line, end) == end)
                throw new BenchmarkException($"the agent did not say '{text}' within {patience.TotalSeconds} s");
            if (await line is not { } said)
                throw new BenchmarkException($"the agent ended before it said '{text}'");
            if (said.Contains(text, StringComparison.Ordinal))
                return;
        }
    }

    /// <summary>The repository that this program was built in.</summary>
    public static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LeptonEdge.sln")))
                return folder.FullName;
        }

        throw new BenchmarkException("firmware-config was not found: run this from a checkout");
    }
}
