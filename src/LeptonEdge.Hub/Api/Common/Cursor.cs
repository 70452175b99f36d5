using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>A place in a list, as text that callers hand back unread. It holds for one list, order and set of filters,
/// its scope; in any other, or changed, it is refused.</summary>
internal static class Cursor
{
    private const char Between = '\u001f';
    private const int SumBytes = 6;
    private const int CharactersMax = 2048;

    public static string Write(string scope, params ReadOnlySpan<string> parts)
    {
        var content = Encoding.UTF8.GetBytes(string.Join(Between, parts!));
        return Base64Url.EncodeToString([.. Sum(scope, content), .. content]);
    }

    /// <param name="parts">What was written.</param>
    public static string? Read(string scope, string cursor, int count, out string[] parts)
    {
        parts = [];
        const string Fault = "cursor: is not one of this list in this order with these filters; leave it out to begin anew";
        if (cursor.Length > CharactersMax || !Base64Url.IsValid(cursor))
            return Fault;
        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length < SumBytes
            || !Sum(scope, bytes.AsSpan(SumBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SumBytes)))
            return Fault;
        parts = Encoding.UTF8.GetString(bytes.AsSpan(SumBytes)).Split(Between);
        return parts.Length == count ? null : Fault;
    }

    private static byte[] Sum(string scope, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(scope));
        hash.AppendData([0]);
        hash.AppendData(content);
        return hash.GetHashAndReset()[..SumBytes];
    }
}
