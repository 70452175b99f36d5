using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Hub.Gateway;

namespace LeptonEdge.Hub.Accounts;

/// <summary>The way in for the first administrator: a link in the log of a hub that has no account. It works once, and each
/// start of the hub makes another until there is an account.</summary>
internal sealed partial class FirstLink(AccountBook book, ILogger<FirstLink> logger)
{
    private readonly string _code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Null when there is an account already.</summary>
    public string? Code => book.IsEmpty ? _code : null;

    public bool Matches(string? presented) => presented is not null && book.IsEmpty
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(_code), Encoding.UTF8.GetBytes(presented));

    /// <summary>Says the link, once the ports are known; nothing when there is an account.</summary>
    public void Announce(HubPorts ports)
    {
        if (Code is not { } code)
            return;
        var origin = ports.Http != 0 ? $"http://127.0.0.1:{ports.Http}" : $"https://localhost:{ports.Https}";
        LogLink($"{origin}/welcome?code={code}");
    }

    [LoggerMessage(1, LogLevel.Warning, "Nobody has an account here yet; make the first administrator's at {Link}")]
    private partial void LogLink(string link);
}
