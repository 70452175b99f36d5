namespace LeptonEdge.Storage.Outboxes;

/// <summary>A file that holds nothing but room: given up on a full disk, it lets a receipt be taken in, which makes
/// room in the outbox itself.</summary>
internal sealed class OutboxSpare
{
    private readonly string _path;
    private readonly long _bytes;

    public OutboxSpare(OutboxOptions options)
    {
        (_path, _bytes) = (options.Path + ".spare", Math.Clamp(options.BytesMax / 64, 4096, 1024 * 1024));
        var there = new FileInfo(_path);
        Bytes = there.Exists ? there.Length : 0;
    }

    public long Bytes { get; private set; }

    /// <summary>Takes the room; where there is none, the next call tries again.</summary>
    public void Take()
    {
        if (Bytes >= _bytes)
            return;
        try
        {
            // Written, not only sized: a file of holes keeps no room.
            File.WriteAllBytes(_path, new byte[_bytes]);
            Bytes = _bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            GiveUp();
        }
    }

    public void GiveUp()
    {
        try
        {
            File.Delete(_path);
            Bytes = 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A disk that cannot be written at all: nothing to gain here.
        }
    }
}
