using System.Security.Cryptography;
using System.Text;

namespace LeptonEdge.Hub.Trust;

/// <summary>The operator's token: made at the first start, kept in <c>operator.token</c>, compared in constant
/// time.</summary>
public sealed class OperatorToken
{
    private readonly byte[] _digest;

    private OperatorToken(string text) => _digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));

    public static OperatorToken OpenOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, "operator.token");
        var text = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        if (text.Length == 0)
        {
            text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            KeyFiles.WriteSecret(path, text + "\n");
        }

        return text.Length >= 32
            ? new OperatorToken(text)
            : throw new CryptographicException(
                $"{path} is shorter than 32 characters: delete it, and the hub makes a new one");
    }

    /// <summary>Compares digests: neither content nor length shows in the time it takes.</summary>
    public bool Matches(string? presented) => presented is not null
        && CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(Encoding.UTF8.GetBytes(presented)));
}
