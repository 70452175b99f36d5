using System.Runtime.InteropServices;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Asks the kernel to prefer the calling thread. .NET's own thread priorities do nothing on Linux.</summary>
internal static class ThreadUrgency
{
    private const int ThisThread = 0;
    private const int WhichProcess = 0; // PRIO_PROCESS; Linux takes it for the one thread

    /// <param name="nice">-20 to 0; 0 asks for nothing.</param>
    /// <returns>False when the kernel refused.</returns>
    public static bool TryRaise(int nice)
    {
        if (nice == 0 || !OperatingSystem.IsLinux())
            return nice == 0;
        return setpriority(WhichProcess, ThisThread, nice) == 0;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setpriority(int which, uint who, int priority);
}
