using System.Diagnostics;
using System.Globalization;

namespace LeptonEdge.Benchmarks.Footprint;

/// <summary>What one process takes, from <c>/proc</c>.</summary>
/// <param name="PssMiB">Its memory, pages that it shares with others divided among them.</param>
/// <param name="RssMiB">Its memory, shared pages in full: what it takes on a machine where nothing else runs .NET.</param>
/// <param name="OwnMiB">Its own memory: heaps, stacks and the machine code that it compiled, no pages of files. Nothing
/// that starts or ends beside it changes this.</param>
internal sealed record ProcessFigures(double PssMiB, double RssMiB, double OwnMiB)
{
    public static ProcessFigures Of(Process process)
    {
        var (pss, rss, own) = (0d, 0d, 0d);
        foreach (var line in File.ReadLines($"/proc/{process.Id}/smaps_rollup"))
        {
            if (line.StartsWith("Pss:", StringComparison.Ordinal))
                pss = MiB(line);
            else if (line.StartsWith("Rss:", StringComparison.Ordinal))
                rss = MiB(line);
            else if (line.StartsWith("Anonymous:", StringComparison.Ordinal)
                || line.StartsWith("Pss_Shmem:", StringComparison.Ordinal))
                own += MiB(line);
        }

        return new ProcessFigures(pss, rss, own);
    }

    public static TimeSpan ProcessorTime(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static double MiB(string line) => double.Parse(
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
}
