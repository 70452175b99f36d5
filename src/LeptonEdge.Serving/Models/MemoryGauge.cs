using System.Globalization;
using System.Runtime.InteropServices;

namespace LeptonEdge.Serving.Models;

/// <summary>How much memory models may still take: by what the process holds, and by what its control group
/// holds.</summary>
internal sealed class MemoryGauge(ServingOptions options)
{
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>Whether there is a limit at all.</summary>
    public bool IsLimited => options.MemoryBytesMax is not null || options.MemoryShareMax is not null;

    /// <summary>What the process holds, in bytes.</summary>
    public static long Resident => Environment.WorkingSet;

    /// <summary>Bytes to the nearest limit, below 0 beyond it; and that limit in words.</summary>
    public (long Left, string Limit) Read()
    {
        var nearest = (Left: long.MaxValue, Limit: "no limit");
        if (options.MemoryBytesMax is { } bytes)
            nearest = (bytes - Resident, $"memory.max_bytes, {bytes} bytes");
        if (options.MemoryShareMax is { } share)
        {
            var (used, of) = Group() ?? (Resident, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            var left = (long)(share * of) - used;
            if (left < nearest.Left)
                nearest = (left, string.Create(
                    CultureInfo.InvariantCulture, $"memory.share, {share} of {of} bytes"));
        }

        return nearest;
    }

    /// <summary>Gives what an unloaded model leaves behind back to the system, so that the next look sees it.</summary>
    public void Settle()
    {
        if (!IsLimited)
            return;
        // A model's file is read into one large array, which would count against the next model.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true);
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc, which keeps nothing back.
        }
    }

    /// <summary>Memory of the control group and its limit; null where none is set.</summary>
    private static (long Used, long Max)? Group()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            var own = File.ReadLines("/proc/self/cgroup")
                .FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..].Trim('/');
            // The nearest group above that has a limit; in a container the namespace's root is the group itself.
            for (var path = own ?? ""; ; path = Path.GetDirectoryName(path) ?? "")
            {
                var folder = Path.Combine(Groups, path);
                if (Number(Path.Combine(folder, "memory.max")) is { } max
                    && Number(Path.Combine(folder, "memory.current")) is { } current)
                    return (current - Reclaimable(Path.Combine(folder, "memory.stat")), max);
                if (path.Length == 0)
                    return null;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long? Number(string file) => File.Exists(file)
        && long.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture,
            out var number) ? number : null;

    // Pages of files that nobody used lately go before anything else does.
    private static long Reclaimable(string file)
    {
        const string Name = "inactive_file ";
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : 0;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nint keep);
}
