using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Links that sign a browser in as the holder of the hub's own token: each is good once, for ten minutes and until the
/// hub ends. What is in an address ends in logs and histories; a code that is spent may.</summary>
internal sealed class OperatorLinks(TimeProvider clock)
{
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(10);
    private const int Most = 16;
    private readonly ConcurrentDictionary<string, (string Token, long MadeAt)> _codes = [];

    /// <param name="token">The hub's own, as it was presented: the hub itself knows no more than its digest.</param>
    /// <returns>32 hexadecimal digits.</returns>
    public string Make(string token)
    {
        foreach (var (old, (_, madeAt)) in _codes)
        {
            if (clock.GetElapsedTime(madeAt) > GoodFor)
                _codes.TryRemove(old, out _);
        }

        if (_codes.Count >= Most)
            _codes.TryRemove(_codes.MinBy(known => known.Value.MadeAt).Key, out _);
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _codes[code] = (token, clock.GetTimestamp());
        return code;
    }

    /// <summary>Spends a code.</summary>
    /// <returns>The token that it stands for; null when there is none, or no longer.</returns>
    public string? Take(string code) =>
        _codes.TryRemove(code, out var made) && clock.GetElapsedTime(made.MadeAt) <= GoodFor ? made.Token : null;
}
