using Microsoft.Win32.SafeHandles;

namespace LeptonEdge.Storage.Sqlite;

/// <summary>A small file beside a database, changed after each fsync: it tells whether the fsync can be believed.</summary>
/// <remarks>ext4 may say of an fsync during which the file system gave up (its device failed, it turned read-only) that it
/// succeeded, while what was written is gone at the next mount: so it went in 2 of 60 trials (Linux 6.18). From then on
/// its journal takes nothing more. A write to a page in memory does not show that at once, another length of a file
/// does.</remarks>
internal sealed class DiskWitness : IDisposable
{
    // errno EROFS, as System.IO passes it on.
    private const int ReadOnlyFileSystem = 30;
    private readonly SafeFileHandle? _file;

    /// <param name="path">Made if it is not there; where it cannot be, the fsync is all there is.</param>
    public DiskWitness(string path)
    {
        try
        {
            _file = File.OpenHandle(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // One way for a disk to fail goes unnoticed then; the database itself works.
        }
    }

    /// <summary>The whole content; fewer bytes than asked for where there are no more, or it cannot be read.</summary>
    public int Read(Span<byte> into)
    {
        try
        {
            return _file is null ? 0 : RandomAccess.Read(_file, into, 0);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Writes what there is to note down, if anything; behind it a byte comes or goes.</summary>
    /// <returns>False when the file system is read-only now: nobody knows what the last fsync was worth.</returns>
    public bool Write(ReadOnlySpan<byte> content = default)
    {
        if (_file is null)
            return true;
        try
        {
            RandomAccess.Write(_file, content, 0);
            var isLonger = RandomAccess.GetLength(_file) > content.Length;
            RandomAccess.SetLength(_file, isLonger ? content.Length : content.Length + 1);
            return true;
        }
        catch (IOException e)
        {
            // Other faults say nothing of what was synced before: a full disk, a limit on the user's files.
            return e.HResult != ReadOnlyFileSystem;
        }
    }

    public void Dispose() => _file?.Dispose();
}
