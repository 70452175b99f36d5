namespace LeptonEdge.Hub.Trust;

/// <summary>Writes files so that a reader sees the old or the new one, never half, and only the owner sees a
/// secret.</summary>
internal static class KeyFiles
{
    public static void WriteSecret(string path, string text) =>
        Write(path, text, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    public static void WritePublic(string path, string text) => Write(
        path, text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    private static void Write(string path, string text, UnixFileMode mode)
    {
        var temporary = $"{path}.new";
        // A leftover of a killed run may have another mode, and an existing file keeps its own.
        File.Delete(temporary);
        var options =
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (var file = new FileStream(temporary, options))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
