using System.Globalization;
using System.Runtime.InteropServices;

namespace LeptonEdge.Hub.Jobs;

/// <summary>What the process that runs jobs asks the kernel to hold it to.</summary>
internal static class WorkerLimits
{
    // A thread of this policy is pushed aside at once; one of nice 19 runs its slice of some milliseconds to the end,
    // which a request would have to wait for.
    private const int IdlePolicy = 5; // SCHED_IDLE
    private const int WhichProcess = 0; // PRIO_PROCESS; Linux takes it for one thread
    private const int Nice = 19;
    private const int WritableMemory = 2; // RLIMIT_DATA

    /// <summary>Runs only when nothing else wants the core, may hold so much memory, and is the first to go when the
    /// machine has none left.</summary>
    /// <param name="bytesMax">Beyond, an allocation fails.</param>
    public static void Take(long bytesMax)
    {
        if (!OperatingSystem.IsLinux())
            return;
        // Every thread there is; those that they start take after them.
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var (thread, noPriority) = (int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture), 0);
            if (sched_setscheduler(thread, IdlePolicy, ref noPriority) != 0)
                _ = setpriority(WhichProcess, (uint)thread, Nice);
        }

        var limit = new Limit { Soft = (nuint)bytesMax, Hard = (nuint)bytesMax };
        _ = setrlimit(WritableMemory, ref limit);
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Where /proc is closed, the limit above has to do.
        }
    }

    /// <summary>Ends the process at once: an orderly end would wait for the model's run.</summary>
    public static void End()
    {
        if (!OperatingSystem.IsWindows())
            _exit(0);
        Environment.Exit(0);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int sched_setscheduler(int thread, int policy, ref int priority);

    [DllImport("libc", SetLastError = true)]
    private static extern int setpriority(int which, uint who, int priority);

    [DllImport("libc", SetLastError = true)]
    private static extern int setrlimit(int resource, ref Limit limit);

    [DllImport("libc")]
    private static extern void _exit(int status);

    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
