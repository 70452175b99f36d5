using System.Security.Cryptography;
using System.Text;

namespace LeptonEdge.Hub.Accounts;

/// <summary>The text of a personal access token: <c>lep_</c>, 64 hexadecimal digits of chance, and 8 of a checksum, by which
/// a mistyped one, or one found where it should not be, is told without asking the hub.</summary>
internal static class TokenText
{
    public const string Prefix = "lep_";
    private const int RandomBytes = 32;
    private const int SumBytes = 4;
    private const int Length = 4 + (2 * (RandomBytes + SumBytes));

    public static string Make()
    {
        var body = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));
        return body + SumOf(body);
    }

    public static bool IsOne(string text) => text.Length == Length
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.AsSpan(Length - (2 * SumBytes)).SequenceEqual(SumOf(text[..(Length - (2 * SumBytes))]));

    public static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string SumOf(string body) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)).AsSpan(0, SumBytes));
}
