using System.Diagnostics;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Support;

/// <summary>A small file system of a test's own, in a mount namespace that ends with it: the machine's mounts stay as
/// they are, and nothing is left behind by a test that dies.</summary>
/// <remarks>Root mounts in a namespace of its own; other users need a kernel that gives them user namespaces.</remarks>
internal sealed class SmallDisk : IDisposable
{
    private static readonly string[][] Ways = [["-m"], ["-r", "-m"]];
    private readonly TempFolder _folder = new();
    private readonly Process _keeper;
    private readonly string[] _enter;
    private readonly string _ballast;

    private SmallDisk(string mount, string[] way)
    {
        Folder = Directory.CreateDirectory(_folder.File("disk")).FullName;
        var script = $"set -e; {mount.Replace("DISK", Folder, StringComparison.Ordinal)}; echo mounted; "
            + "exec sleep infinity";
        _keeper = Process.Start(new ProcessStartInfo("unshare", [.. way, "sh", "-c", script])
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (_keeper.StandardOutput.ReadLine() != "mounted")
        {
            var reason = _keeper.StandardError.ReadToEnd();
            Dispose();
            throw new IOException($"cannot mount: {reason}");
        }

        View = $"/proc/{_keeper.Id}/root{Folder}";
        _ballast = Path.Combine(View, "ballast");
        string[] user = way.Contains("-r") ? ["-U", "--preserve-credentials"] : [];
        _enter = ["nsenter", "-t", $"{_keeper.Id}", "-m", .. user, "--"];
    }

    /// <summary>The disk as a process started with <see cref="Enter"/> sees it.</summary>
    public string Folder { get; }

    /// <summary>The same as the test sees it.</summary>
    public string View { get; }

    /// <summary>Stands before the command line of a process that uses the disk.</summary>
    public IReadOnlyList<string> Enter => _enter;

    /// <summary>Why disks cannot be mounted here; null where they can.</summary>
    public static string? Missing { get; } = Probe(() => Memory(1));

    /// <summary>Why <see cref="Image"/> cannot be mounted here; null where it can.</summary>
    public static string? MissingImage { get; } = Probe(() => Image(8));

    /// <summary>A tmpfs: it can be filled, and made read-only while no process has a file of it open for
    /// writing.</summary>
    public static SmallDisk Memory(int mebibytes) => Mount($"mount -t tmpfs -o size={mebibytes}m lepton-test DISK");

    /// <summary>An ext4 file system in a file: it can turn read-only under whoever writes to it, as one does whose
    /// device fails.</summary>
    public static SmallDisk Image(int mebibytes) => Mount(
        $"truncate -s {mebibytes}M DISK.img; mkfs.ext4 -q DISK.img; mount -o loop DISK.img DISK");

    /// <summary>Takes every byte that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, 1);
        var piece = new byte[4_096];
        try
        {
            while (true)
                ballast.Write(piece);
        }
        catch (IOException)
        {
            // Full: that is the point.
        }
    }

    public void Free() => File.Delete(_ballast);

    /// <summary>Nobody may have a file of the disk open for writing.</summary>
    public Task MakeReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", Folder);

    public Task MakeWritableAsync() => RunAsync("mount", "-o", "remount,rw", Folder);

    /// <summary>The file system gives up at once: what is open cannot be written any more, nothing can be
    /// created.</summary>
    public Task BreakAsync() => RunAsync("mount", "-o", "remount,abort", Folder);

    /// <summary>After <see cref="BreakAsync"/>, when no process uses the disk any more: mounts it anew.</summary>
    public Task RepairAsync() => RunAsync("sh", "-c", $"umount {Folder} && mount -o loop {Folder}.img {Folder}");

    public void Dispose()
    {
        if (!_keeper.HasExited)
            _keeper.Kill();
        _keeper.WaitForExit();
        _keeper.Dispose();
        _folder.Dispose();
    }

    private static SmallDisk Mount(string mount)
    {
        try
        {
            return new SmallDisk(mount, Ways[0]);
        }
        catch (IOException)
        {
            return new SmallDisk(mount, Ways[1]);
        }
    }

    private static string? Probe(Func<SmallDisk> mount)
    {
        try
        {
            mount().Dispose();
            return null;
        }
        catch (Exception fault) when (fault is IOException or System.ComponentModel.Win32Exception)
        {
            return "neither as root nor in a user namespace could a file system be mounted here: "
                + fault.Message.Trim();
        }
    }

    private async Task RunAsync(params string[] line)
    {
        using var process = Process.Start(new ProcessStartInfo(_enter[0], [.. _enter[1..], .. line])
            { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new IOException($"{string.Join(' ', line)}: {errors}");
    }
}

/// <summary>A fact that mounts a file system; skipped, with the reason, where the machine does not let it: a container
/// without that right cannot be given it by a test, on CI neither.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DiskFactAttribute : FactAttribute
{
    /// <param name="image">Whether <see cref="SmallDisk.Image"/> is used.</param>
    public DiskFactAttribute(bool image = false) =>
        Skip = Requires.MissingPrograms(["mosquitto"]) ?? (image ? SmallDisk.MissingImage : SmallDisk.Missing);
}
