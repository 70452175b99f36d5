using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.Data.Sqlite;
using static LeptonEdge.Tests.Storage.HubStoreFixture;

namespace LeptonEdge.Tests.Storage.Accounts;

public sealed class AccountStoreTests : IDisposable
{
    private readonly HubStoreFixture _fixture = new();

    private HubStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_account_is_there_after_the_store_was_closed()
    {
        Assert.Equal(AccountChange.Done, Add("ann", 2));
        Assert.Equal(AccountChange.Done, Add("bob", 0, "north", "south hall"));
        _fixture.Reopen();
        var accounts = Store.Accounts(Tenant);
        Assert.Equal(["ann", "bob"], accounts.Select(account => account.Name));
        Assert.Null(accounts[0].Sites);
        Assert.Equal(["north", "south hall"], accounts[1].Sites);
        Assert.Equal((0, 1L, "hash of bob"), (accounts[1].Role, accounts[1].Version, accounts[1].Hash));
        Assert.Empty(Store.Accounts(new("other")));
    }

    [Fact]
    public void A_name_is_given_once_and_the_first_account_is_the_first()
    {
        Assert.Equal(AccountChange.Done, Store.AddAccount(New("ann", 2), first: true));
        Assert.Equal(AccountChange.Exists, Store.AddAccount(New("bob", 2), first: true));
        Assert.Equal(AccountChange.Exists, Add("ann", 0));
        Assert.Equal(2, Find("ann").Role);
    }

    [Fact]
    public void The_last_admin_stays_one()
    {
        Add("ann", 2);
        Assert.Equal(AccountChange.LastAdmin, Store.SetRights(Find("ann").Id, null, 1, null));
        Assert.Equal(AccountChange.LastAdmin, Store.RemoveAccount(Find("ann").Id, null));
        Add("bob", 2);
        Assert.Equal(AccountChange.Done, Store.SetRights(Find("ann").Id, null, 1, null));
        Assert.Equal(AccountChange.LastAdmin, Store.RemoveAccount(Find("bob").Id, null));
        Assert.Equal(AccountChange.Done, Store.RemoveAccount(Find("ann").Id, null));
    }

    [Fact]
    public void A_change_to_an_account_that_changed_meanwhile_is_stale()
    {
        Add("ann", 2);
        Add("bob", 0);
        var bob = Find("bob");
        Assert.Equal(AccountChange.Done, Store.SetRights(bob.Id, bob.Version, 1, ["north"], ["south"]));
        Assert.Equal(["south"], Find("bob").OperatorSites);
        Assert.Equal(AccountChange.Stale, Store.SetRights(bob.Id, bob.Version, 2, null));
        Assert.Equal(AccountChange.Stale, Store.RemoveAccount(bob.Id, bob.Version));
        Assert.Equal(AccountChange.Missing, Store.RemoveAccount(99, null));
        Assert.Equal(AccountChange.Missing, Store.SetPassword(99, "x", 0));
        Assert.Equal((1, 2L), (Find("bob").Role, Find("bob").Version));
    }

    [Fact]
    public void An_account_goes_with_its_sessions_and_tokens()
    {
        Add("ann", 2);
        Add("bob", 0);
        foreach (var account in Store.Accounts(Tenant))
        {
            Store.AddSession(new NewSession(account.Id, [(byte)account.Id], "::1", "browser"));
            Store.AddToken(new NewToken(account.Id, [(byte)account.Id], "ci", 0, 1, ["north"], long.MaxValue));
        }

        Store.RemoveAccount(Find("bob").Id, null);
        Assert.Equal(Find("ann").Id, Assert.Single(Store.Sessions()).AccountId);
        Assert.Equal(Find("ann").Id, Assert.Single(Store.Tokens()).AccountId);
    }

    [Fact]
    public void Another_password_ends_every_session_but_one_and_a_lock()
    {
        Add("ann", 2);
        var ann = Find("ann").Id;
        var kept = Store.AddSession(new NewSession(ann, [1], "::1", "browser"));
        Store.AddSession(new NewSession(ann, [2], "::1", "browser"));
        Store.SetSignInState(ann, 7, 5_000, 1_000);
        Assert.Equal((7, 5_000L, 1_000L), (Find("ann").Failures, Find("ann").LockedUntilMicros, Find("ann").LastSignInMicros));
        Store.SetPassword(ann, "another", kept.Id);
        Assert.Equal(("another", 0, 0L), (Find("ann").Hash, Find("ann").Failures, Find("ann").LockedUntilMicros));
        Assert.Equal(kept.Id, Assert.Single(Store.Sessions()).Id);
    }

    [Fact]
    public void Counts_are_limited()
    {
        Add("ann", 2);
        var ann = Find("ann").Id;
        for (var i = 0; i < AccountLimits.SessionsOfAccount + 3; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
            Store.AddSession(new NewSession(ann, BitConverter.GetBytes(i), "::1", "browser"));
        }

        // The oldest gave way.
        Assert.Equal(AccountLimits.SessionsOfAccount, Store.Sessions().Count);
        Assert.Equal(BitConverter.GetBytes(3), Store.Sessions()[0].Digest);
        for (var i = 0; i < AccountLimits.TokensOfAccount; i++)
            Assert.NotNull(Store.AddToken(new NewToken(ann, BitConverter.GetBytes(i), "t", 0, 1, null, 9)));
        Assert.Null(Store.AddToken(new NewToken(ann, [9], "t", 0, 1, null, 9)));
    }

    [Fact]
    public void Sessions_and_tokens_note_their_use_and_old_sessions_go()
    {
        Add("ann", 2);
        var ann = Find("ann").Id;
        var old = Store.AddSession(new NewSession(ann, [1], "::1", "browser"));
        _fixture.Clock.Advance(TimeSpan.FromHours(2));
        var used = Store.AddSession(new NewSession(ann, [2], "::1", "browser"));
        Store.SeeSession(used.Id, used.SeenMicros + 5);
        var token = Store.AddToken(new NewToken(ann, [3], "ci", 1, 3, null, 77))!;
        Store.UseToken(token.Id, 42);
        Store.RemoveSessions(old.CreatedMicros + 1, 0);
        Assert.Equal(used.SeenMicros + 5, Assert.Single(Store.Sessions()).SeenMicros);
        var kept = Assert.Single(Store.Tokens());
        Assert.Equal((42L, 77L, 1, 3), (kept.UsedMicros, kept.ExpiresMicros, kept.Role, kept.Scopes));
        Assert.True(Store.RemoveToken(token.Id));
        Assert.False(Store.RemoveToken(token.Id));
        Assert.True(Store.RemoveSession(used.Id));
        Assert.False(Store.RemoveSession(used.Id));
    }

    [Fact]
    public void A_store_of_layout_6_is_brought_up()
    {
        Store.Probe();
        _fixture.Close();
        using (var connection = new SqliteConnection($"Data Source={_fixture.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = DropLayout7 + "PRAGMA user_version = 6;";
            command.ExecuteNonQuery();
        }

        Assert.Throws<HubStoreException>(() => HubStore.OpenReadOnly(_fixture.Path));
        Assert.Empty(Store.Accounts(Tenant));
        Assert.Equal(AccountChange.Done, Add("ann", 2));
        AuditWriter.Open(Store, out _).Append(new NewAuditEntry("ann", "session", "", "a.b", "c", "done", null, null));
        Assert.Equal(1, AuditChain.Verify(Store).Entries);
    }

    private AccountChange Add(string name, int role, params string[] sites) =>
        Store.AddAccount(New(name, role) with { Sites = sites.Length > 0 ? sites : null });

    private static NewAccount New(string name, int role) => new(Tenant, name, $"hash of {name}", role, null);

    private StoredAccount Find(string name) => Store.Accounts(Tenant).Single(account => account.Name == name);
}
