using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>A file system of a few MiB, so that a full disk is a real one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk()
    {
    }

    public string File(string name) => _folder.File(name);

    /// <returns>Null where this process may not mount.</returns>
    public static SmallDisk? TryMount(int kilobytes)
    {
        var disk = new SmallDisk();
        if (Requires.FindProgram("mount") is not null
            && Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", disk._folder.Path))
            return disk;
        disk._folder.Dispose();
        return null;
    }

    public void Dispose()
    {
        if (!Run("umount", _folder.Path))
            Run("umount", "-l", _folder.Path);
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A fact that needs to mount a small file system; skipped where that is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> MayMount = new(() =>
    {
        using var disk = SmallDisk.TryMount(64);
        return disk is not null;
    });

    public SmallDiskFactAttribute() => Skip = MayMount.Value ? null : "needs the right to mount a tmpfs";
}
