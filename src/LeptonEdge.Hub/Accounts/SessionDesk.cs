using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Core;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Who is signed in on the page. A session ends when it is not used for some hours, some days after it began, and
/// with its account, its password or its owner's word.</summary>
internal sealed class SessionDesk(AccountBook book, ApiOptions options, TimeProvider clock)
{
    private const int SecretBytes = 32;
    private const int AgentMax = 256;
    private static readonly long s_noteEvery = Micros(TimeSpan.FromMinutes(1));

    /// <param name="replaced">A session that ends with that; null: none.</param>
    /// <returns>What the cookie holds; the store has its digest alone.</returns>
    public (StoredSession Session, string Secret) Begin(
        StoredAccount account, string address, string agent, StoredSession? replaced = null)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = clock.GetUnixMicros();
        var session = book.Change(store =>
        {
            store.RemoveSessions(now - Micros(options.SessionMax), now - Micros(options.SessionIdle));
            var kept = agent.Length <= AgentMax ? agent : agent[..AgentMax];
            return store.AddSession(new NewSession(account.Id, Digest(secret), address, kept), replaced?.Id ?? 0);
        });
        return (session, secret);
    }

    /// <summary>Null: no session, or one that has ended.</summary>
    public StoredSession? Find(string secret)
    {
        // Longer ones are not ours, and hashing them would be work for nothing.
        if (secret.Length > 2 * SecretBytes || book.SessionOf(Digest(secret)) is not { } session)
            return null;
        var now = clock.GetUnixMicros();
        if (!IsAlive(session, now))
            return null;
        if (now - session.SeenMicros >= s_noteEvery)
            book.Note(session with { SeenMicros = now });
        return session;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<StoredSession> List(Func<StoredSession, bool> which)
    {
        var now = clock.GetUnixMicros();
        return [.. book.Sessions.Where(session => IsAlive(session, now) && which(session))
            .OrderByDescending(session => session.Id)];
    }

    public bool End(long id) => book.Change(store => store.RemoveSession(id));

    public long EndsMicros(StoredSession session) => Math.Min(
        session.CreatedMicros + Micros(options.SessionMax), session.SeenMicros + Micros(options.SessionIdle));

    /// <summary>What the page must send along with every change: another site can make a browser send the cookie, but
    /// cannot read this.</summary>
    public static string CsrfOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"csrf {secret}")));

    public static bool IsCsrf(string expected, string? presented) => presented is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(presented));

    public bool IsAlive(StoredSession session) => book.SessionOf(session.Digest) is { } known && IsAlive(known, clock.GetUnixMicros());

    private bool IsAlive(StoredSession session, long now) => now < EndsMicros(session);

    private static byte[] Digest(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
