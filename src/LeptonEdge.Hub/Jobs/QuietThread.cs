using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace LeptonEdge.Hub.Jobs;

/// <summary>One thread that the kernel runs with what others leave over: .NET's own thread priorities do nothing on
/// Linux.</summary>
internal sealed class QuietThread : IDisposable
{
    private const int ThisThread = 0;
    private const int WhichProcess = 0; // PRIO_PROCESS; Linux takes it for the one thread
    private const int Nice = 19;

    private readonly BlockingCollection<Action> _work = new(boundedCapacity: 1);
    private readonly Thread _thread;

    public QuietThread(string name)
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs work on the thread; one at a time.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception fault)
            {
                done.SetException(fault);
            }
        });
        return done.Task;
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Loop()
    {
        if (OperatingSystem.IsLinux())
            _ = setpriority(WhichProcess, ThisThread, Nice);
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setpriority(int which, uint who, int priority);
}
