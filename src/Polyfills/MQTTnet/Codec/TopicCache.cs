using System.Buffers;
using System.Text;

namespace MQTTnet.Internal;

/// <summary>The topics that one connection received last: a topic that comes again costs neither a string nor a check.
/// </summary>
internal sealed class TopicCache
{
    private const int Places = 16;
    private const int BytesMax = 256;

    // Only for a connection that receives messages: an idle one holds no more than the reference.
    private string[]? _topics;

    /// <returns>The topic of these bytes, valid as it was when added; null when it is not known.</returns>
    public string? Find(in ReadOnlySequence<byte> bytes)
    {
        if (_topics is null || !bytes.IsSingleSegment || bytes.IsEmpty)
            return null;
        var span = bytes.FirstSpan;
        var known = _topics[Place(span)];
        return known is not null && Ascii.Equals(span, known) ? known : null;
    }

    /// <summary>Remembers it in place of another.</summary>
    public void Add(in ReadOnlySequence<byte> bytes, string topic)
    {
        if (bytes.IsSingleSegment && bytes.Length is > 0 and <= BytesMax && Ascii.IsValid(topic))
            (_topics ??= new string[Places])[Place(bytes.FirstSpan)] = topic;
    }

    private static int Place(ReadOnlySpan<byte> bytes)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        return hash.ToHashCode() & (Places - 1);
    }
}
