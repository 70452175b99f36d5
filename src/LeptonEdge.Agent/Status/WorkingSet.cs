using System.Globalization;
using System.Runtime.InteropServices;

namespace LeptonEdge.Agent.Status;

/// <summary>Gives back what only the start needed, so that the agent fits beside the work it serves.</summary>
/// <remarks>
/// Most of a fresh process is code that ran once: registering operators, building the container, parsing configuration.
/// Its pages are clean copies of files; unmapped, they stay in the kernel's cache and come back by a minor fault if
/// they are ever run again. See madvise(2), MADV_DONTNEED, and malloc_trim(3).
/// </remarks>
public static class WorkingSet
{
    private const int MadvDontNeed = 4;

    // mallopt(3).
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>Keeps glibc's heap from scattering: by itself it gives each thread an arena of its own, each keeps what
    /// was ever free in its middle, and what the compiler needed for a moment stays for good. To be called before there
    /// are threads.</summary>
    public static void LimitNativeHeap()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallOpt(ArenaMax, 1);
            _ = MallOpt(TrimThreshold, 128 * 1024);
            _ = MallOpt(MmapThreshold, 64 * 1024);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such call, and no arenas.
        }
    }

    /// <summary>Compacts the managed heap and gives the free memory of both heaps back; pauses every thread for some
    /// milliseconds (2 to 4 for the 2 MiB of a connected agent).</summary>
    public static void Compact()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (OperatingSystem.IsLinux())
            TrimNativeHeap();
    }

    /// <summary>Compacts, and lets go of code that is not run.</summary>
    public static void LetGo()
    {
        Compact();
        UnmapIdleCode();
    }

    /// <summary>Unmaps the pages of code that are unchanged since they were read from their files.</summary>
    /// <returns>Bytes of the mappings that were let go; 0 where the system does not show them.</returns>
    public static long UnmapIdleCode()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        long let = 0;
        try
        {
            foreach (var (start, length) in UnchangedFileMappings(File.ReadLines("/proc/self/smaps")))
            {
                if (Advise(start, length, MadvDontNeed) == 0)
                    let += (long)length;
            }
        }
        catch (IOException)
        {
            // A kernel that hides the mappings: then all stays as it is.
        }

        return let;
    }

    /// <summary>Read-only mappings of files of which no page was written to: those alone can be read again from the
    /// file.</summary>
    /// <param name="smaps">Lines of /proc/PID/smaps (proc(5)).</param>
    public static List<(nuint Start, nuint Length)> UnchangedFileMappings(IEnumerable<string> smaps)
    {
        var found = new List<(nuint, nuint)>();
        (nuint Start, nuint Length)? candidate = null;
        foreach (var line in smaps)
        {
            if (line.Length > 0 && char.IsAsciiHexDigitLower(line[0]))
                candidate = Candidate(line);
            else if (candidate is { } mapping && line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                // A page that was copied on write counts as anonymous: with one of those the mapping is not just its
                // file.
                if (line.AsSpan("Anonymous:".Length).Trim().SequenceEqual("0 kB"))
                    found.Add(mapping);
                candidate = null;
            }
        }

        return found;
    }

    // 7f1030c00000-7f1031201000 r-xp 00000000 08:01 123   /usr/lib/libc.so.6
    private static (nuint Start, nuint Length)? Candidate(string header)
    {
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        var dash = header.IndexOf('-', StringComparison.Ordinal);
        var path = header.IndexOf('/', StringComparison.Ordinal);
        var isCode = space > 0 && header.AsSpan(space + 1).StartsWith("r-xp", StringComparison.Ordinal);
        if (!isCode || path < 0 || header.EndsWith("(deleted)", StringComparison.Ordinal)
            || !nuint.TryParse(
                header.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            || !nuint.TryParse(header.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber,
                CultureInfo.InvariantCulture, out var end))
            return null;
        return (start, end - start);
    }

    private static void TrimNativeHeap()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such call, and gives memory back by itself.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int MallocTrim(nuint pad);

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int MallOpt(int parameter, int value);

    [DllImport("libc", EntryPoint = "madvise")]
    private static extern int Advise(nuint address, nuint length, int advice);
}
