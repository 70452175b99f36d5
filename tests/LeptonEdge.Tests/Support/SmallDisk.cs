using System.Diagnostics;

namespace LeptonEdge.Tests.Support;

/// <summary>A disk of a few mebibytes in memory, to be filled up or made read-only.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    public SmallDisk(int mebibytes) => Mount("-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", _folder.Path);

    public string File(string name) => _folder.File(name);

    /// <summary>Takes all that is free; dispose to give it back.</summary>
    public IDisposable FillUp()
    {
        var ballast = new FileStream(
            File("ballast"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        try
        {
            for (var block = new byte[4096]; ;)
                ballast.Write(block);
        }
        catch (IOException)
        {
            return ballast;
        }
    }

    public void Remount(bool readOnly) =>
        Mount("-o", $"remount,{(readOnly ? "ro" : "rw")}", _folder.Path);

    public void Dispose()
    {
        Run("umount", _folder.Path);
        _folder.Dispose();
    }

    /// <summary>Null where a disk can be mounted; else why the test is skipped.</summary>
    public static string? Missing { get; } = Probe();

    private static string? Probe()
    {
        if (Environment.UserName != "root")
            return "needs root, to mount a small disk";
        try
        {
            new SmallDisk(1).Dispose();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"needs the right to mount a small disk: {e.Message}";
        }
    }

    private static void Mount(params string[] args) => Run("mount", args);

    private static void Run(string program, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {error}");
    }
}

/// <summary>A fact on a <see cref="SmallDisk"/>; skipped where none can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.Missing;
}
