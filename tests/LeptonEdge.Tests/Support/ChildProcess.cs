using System.Diagnostics;

namespace LeptonEdge.Tests.Support;

/// <summary>This very assembly as another process, for what only the death of a process shows.</summary>
public static class ChildProcess
{
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var arg in args)
            start.ArgumentList.Add(arg);
        return Process.Start(start) ?? throw new InvalidOperationException("the child process did not start");
    }
}
