using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Serving.Upstream;

/// <summary>Which servers have passed a request on, so that pools that name each other never pass it round.</summary>
/// <param name="Via">Their marks, separated by commas; empty for a request from a client.</param>
public readonly record struct UpstreamPath(string Via)
{
    public const string Header = "lepton-via";

    private const int HopsMax = 4;

    // Drawn at each start: two servers never share it, whatever they are called.
    private static readonly string s_own = Convert.ToHexStringLower(
        System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    public bool IsEmpty => string.IsNullOrEmpty(Via);

    public int Hops => IsEmpty ? 0 : Via.AsSpan().Count(',') + 1;

    /// <summary>False: this server has passed the request on before, or too many have.</summary>
    public bool MayGoOn => Hops < HopsMax && (IsEmpty || !Via.Contains(s_own, StringComparison.Ordinal));

    /// <summary>What the next server is to read.</summary>
    public string Next => IsEmpty ? s_own : $"{Via},{s_own}";

    public static UpstreamPath Of(HttpContext context) => context.Request.Headers.TryGetValue(Header, out var via)
        ? new UpstreamPath(via.ToString())
        : default;
}
