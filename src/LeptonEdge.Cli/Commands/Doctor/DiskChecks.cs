using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of the folder that everything is kept in.</summary>
internal static class DiskChecks
{
    private const long TightBytes = 1L << 30;
    private const long FullBytes = 64L << 20;

    /// <param name="wanted">Bytes that may still be written here, such as an outbox's limit.</param>
    public static Finding Space(string check, string folder, long wanted)
    {
        const string Remedy = "make room on this disk, or put data_dir on a larger one";
        try
        {
            var drive = new DriveInfo(Existing(folder));
            var free = drive.AvailableFreeSpace;
            var words = $"{TimeWords.Bytes(free)} free of {TimeWords.Bytes(drive.TotalSize)} for {folder}";
            if (free < FullBytes)
                return Finding.Fail(check, words, Remedy);
            return free < Math.Max(wanted, TightBytes)
                ? Finding.Warn(check, wanted > free ? $"{words}; the outbox may want {TimeWords.Bytes(wanted)}" : words,
                    Remedy)
                : Finding.Ok(check, words);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Fail(check, $"{folder}: {fault.Message}", Remedy);
        }
    }

    /// <summary>Writes a file there, to the disk itself, and takes it away again.</summary>
    public static Finding Writes(string check, string folder)
    {
        if (!Directory.Exists(folder))
        {
            return Finding.Warn(
                check, $"{folder} is not there yet",
                    "it is made at the first start; systemd's StateDirectory makes it too");
        }

        var file = Path.Combine(folder, $".doctor-{Guid.NewGuid():n}");
        try
        {
            using (var stream = new FileStream(file, FileMode.CreateNew))
            {
                stream.Write("doctor"u8);
                stream.Flush(flushToDisk: true);
            }

            File.Delete(file);
            return Finding.Ok(check, $"{folder} takes what is written");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail(
                check, fault.Message,
                "run the doctor as the service's user; if it is that user, chown the folder, or remount the disk");
        }
    }

    private static string Existing(string folder)
    {
        var at = Path.GetFullPath(folder);
        while (!Directory.Exists(at) && Path.GetDirectoryName(at) is { } parent)
            at = parent;
        return at;
    }
}
