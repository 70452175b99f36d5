using System.Collections.Concurrent;
using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Accounts, sessions and tokens as the store has them, in memory: each request asks here. Whatever is changed is
/// changed in the store first, and holds from the next request on; any thread.</summary>
internal sealed class AccountBook
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, StoredSession> _sessions = [];
    private readonly ConcurrentDictionary<string, StoredToken> _tokens = [];
    private volatile IReadOnlyDictionary<long, StoredAccount> _byId = new Dictionary<long, StoredAccount>();
    private volatile IReadOnlyDictionary<string, StoredAccount> _byName = new Dictionary<string, StoredAccount>();

    public AccountBook(HubStore store, TenantId tenant)
    {
        (Store, Tenant) = (store, tenant);
        Reload();
    }

    /// <summary>Somebody may do more or less than before.</summary>
    public event Action? Changed;

    public HubStore Store { get; }

    public TenantId Tenant { get; }

    public IEnumerable<StoredAccount> Accounts => _byName.Values;

    public IEnumerable<StoredSession> Sessions => _sessions.Values;

    public IEnumerable<StoredToken> Tokens => _tokens.Values;

    public bool IsEmpty => _byId.Count == 0;

    public StoredAccount? Find(string name) => _byName.GetValueOrDefault(name);

    public StoredAccount? Find(long id) => _byId.GetValueOrDefault(id);

    public StoredSession? SessionOf(byte[] digest) => _sessions.GetValueOrDefault(Key(digest));

    public StoredToken? TokenOf(byte[] digest) => _tokens.GetValueOrDefault(Key(digest));

    /// <summary>Changes the store, and then reads all of it anew: changes are rare, and an account takes sessions and tokens
    /// with it.</summary>
    public T Change<T>(Func<HubStore, T> change)
    {
        T outcome;
        lock (_gate)
        {
            outcome = change(Store);
            Reload();
        }

        Changed?.Invoke();
        return outcome;
    }

    /// <summary>A note that changes nothing for anybody else: kept here, and in the store.</summary>
    public void Note(StoredSession seen)
    {
        lock (_gate)
        {
            if (!_sessions.ContainsKey(Key(seen.Digest)))
                return;
            _sessions[Key(seen.Digest)] = seen;
            Try(() => Store.SeeSession(seen.Id, seen.SeenMicros));
        }
    }

    public void Note(StoredToken used)
    {
        lock (_gate)
        {
            if (!_tokens.ContainsKey(Key(used.Digest)))
                return;
            _tokens[Key(used.Digest)] = used;
            Try(() => Store.UseToken(used.Id, used.UsedMicros));
        }
    }

    // While the store takes nothing, people can still look; the next note is a minute away.
    private static void Try(Action note)
    {
        try
        {
            note();
        }
        catch (HubStoreException)
        {
            // Those that write more than a note say it.
        }
    }

    private void Reload()
    {
        var accounts = Store.Accounts(Tenant);
        _byId = accounts.ToDictionary(account => account.Id);
        _byName = accounts.ToDictionary(account => account.Name, StringComparer.Ordinal);
        Replace(_sessions, Store.Sessions(), session => session.Digest);
        Replace(_tokens, Store.Tokens(), token => token.Digest);
    }

    // One by one, so that a request meanwhile finds what was there before and is still.
    private static void Replace<T>(ConcurrentDictionary<string, T> known, IReadOnlyList<T> stored, Func<T, byte[]> digest)
        where T : class
    {
        var now = stored.ToDictionary(item => Key(digest(item)));
        foreach (var gone in known.Keys.Where(key => !now.ContainsKey(key)))
            known.TryRemove(gone, out _);
        foreach (var (key, item) in now)
            known[key] = item;
    }

    private static string Key(byte[] digest) => Convert.ToHexString(digest);
}
