using System.Diagnostics;

namespace LeptonEdge.Tests.Support;

/// <summary>Waits on a condition, so that a test neither sleeps for a guess nor hangs.</summary>
public static class Eventually
{
    public static async Task True(Func<bool> condition, string what, int secondsMax = 20)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > secondsMax)
                throw new TimeoutException($"not within {secondsMax} s: {what}");
            await Task.Delay(10);
        }
    }

    public static async Task True(Func<Task<bool>> condition, string what, int secondsMax = 20)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed.TotalSeconds > secondsMax)
                throw new TimeoutException($"not within {secondsMax} s: {what}");
            await Task.Delay(10);
        }
    }
}
