using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Storage;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>Locks and ends, by a clock that the test moves.</summary>
public sealed class SignInDeskTests : IAsyncLifetime
{
    private const string Right = "seven quiet herons";
    private readonly HubStoreFixture _fixture = new();
    private readonly PasswordDesk _passwords = new();
    private AccountBook _book = null!;
    private SignInDesk _desk = null!;

    public async Task InitializeAsync()
    {
        _book = new AccountBook(_fixture.Store, HubStoreFixture.Tenant);
        var hash = await _passwords.HashAsync(Right, CancellationToken.None);
        _book.Change(store => store.AddAccount(new NewAccount(_book.Tenant, "ann", hash!, 2, null)));
        _desk = new SignInDesk(_book, _passwords, _fixture.Clock);
    }

    public Task DisposeAsync()
    {
        _passwords.Dispose();
        _fixture.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_for_a_minute_and_each_further_one_for_twice_as_long()
    {
        for (var i = 0; i < 4; i++)
            Assert.IsType<SignIn.Refused>(await Try("wrong"));
        Assert.Equal(0, Account.LockedUntilMicros);
        foreach (var minutes in (double[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            Assert.IsType<SignIn.Refused>(await Try("wrong"));
            Assert.Equal(minutes, Minutes(Account.LockedUntilMicros - Now));
            // Tries while it is locked count for nothing, and the right one is refused too.
            Assert.IsType<SignIn.Refused>(await Try("wrong"));
            Assert.IsType<SignIn.Refused>(await Try(Right));
            Assert.Equal(minutes, Minutes(Account.LockedUntilMicros - Now));
            _fixture.Clock.Advance(TimeSpan.FromMinutes(minutes));
        }

        Assert.IsType<SignIn.Done>(await Try(Right));
        Assert.Equal((0, 0L, Now), (Account.Failures, Account.LockedUntilMicros, Account.LastSignInMicros));
    }

    [Fact]
    public async Task Guesses_at_once_are_counted_one_by_one()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Try("wrong")));
        Assert.Equal(5, Account.Failures);
        Assert.NotEqual(0, Account.LockedUntilMicros);
    }

    [Fact]
    public async Task A_lock_outlives_the_hub()
    {
        for (var i = 0; i < 5; i++)
            await Try("wrong");
        var again = new SignInDesk(
            new AccountBook(_fixture.Reopen(), HubStoreFixture.Tenant), _passwords, _fixture.Clock);
        Assert.IsType<SignIn.Refused>(await again.CheckAsync("ann", Right, CancellationToken.None));
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<SignIn.Done>(await again.CheckAsync("ann", Right, CancellationToken.None));
    }

    [Fact]
    public async Task An_unknown_name_is_hashed_against_as_a_known_one_is()
    {
        // The hash that is checked has the same form and the same number of rounds: so the work is the same.
        var hash = Convert.FromBase64String(Account.Hash);
        var result = await _passwords.CheckAsync(null, Right, CancellationToken.None);
        Assert.Equal(Microsoft.AspNetCore.Identity.PasswordVerificationResult.Failed, result);
        Assert.Equal(210_000, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(5)));
        Assert.IsType<SignIn.Refused>(await _desk.CheckAsync("bob", Right, CancellationToken.None));
    }

    [Fact]
    public void A_session_ends_when_it_is_not_used_or_when_its_days_are_over()
    {
        var sessions = new SessionDesk(_book, new ApiOptions(), _fixture.Clock);
        var (_, idle) = sessions.Begin(Account, "::1", "browser");
        var (_, used) = sessions.Begin(Account, "::1", "browser");
        for (var hours = 0; hours < 7 * 24; hours += 11)
        {
            Assert.NotNull(sessions.Find(used));
            _fixture.Clock.Advance(TimeSpan.FromHours(11));
            Assert.Equal(hours == 0, sessions.Find(idle) is not null && hours == 0);
            if (hours == 0)
                _fixture.Clock.Advance(TimeSpan.FromMinutes(30));
        }

        Assert.Null(sessions.Find(used));
        Assert.Null(sessions.Find(""));
        Assert.Null(sessions.Find(new string('a', 10_000)));
        sessions.Begin(Account, "::1", "browser");
        Assert.Single(_fixture.Store.Sessions());
    }

    [Fact]
    public void A_token_ends_on_its_day()
    {
        var tokens = new TokenDesk(_book, _fixture.Clock);
        var (token, text) = tokens.Make(new NewToken(Account.Id, [], "ci", 0, 1, null, Now + 86_400_000_000))!.Value;
        Assert.Equal(token.Id, tokens.Find(text)!.Id);
        _fixture.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.NotNull(tokens.Find(text));
        Assert.Equal(Now, _fixture.Store.Tokens()[0].UsedMicros);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(tokens.Find(text));
    }

    [Fact]
    public void A_token_tells_a_mistyped_one_from_one_that_it_could_be()
    {
        var text = TokenText.Make();
        Assert.Matches("^lep_[0-9a-f]{72}$", text);
        Assert.True(TokenText.IsOne(text));
        for (var at = 0; at < text.Length; at++)
        {
            var wrong = text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..];
            Assert.False(TokenText.IsOne(wrong), wrong);
        }

        Assert.False(TokenText.IsOne(text[..^1]));
        Assert.False(TokenText.IsOne(""));
    }

    [Theory]
    [InlineData("short", "12")]
    [InlineData("elevenchars", "12")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", "different")]
    [InlineData("my name is Ann-Marie", "name")]
    [InlineData("password1234", "everybody")]
    [InlineData("123456789012", "everybody")]
    [InlineData("Administrator!2", "everybody")]
    [InlineData(null, "12")]
    public void A_weak_password_is_refused(string? password, string names) =>
        Assert.Contains(names, AccountRules.Password("ann-marie", password));

    [Theory]
    [InlineData("seven quiet herons")]
    [InlineData("correct horse battery staple")]
    [InlineData("Zwölf Boxkämpfer")]
    [InlineData("七只安静的苍鹭在水边站着等")]
    [InlineData("73 91 82 64 01")]
    public void A_good_password_will_do(string password) => Assert.Null(AccountRules.Password("ann-marie", password));

    private StoredAccount Account => _book.Find("ann")!;

    private long Now => _fixture.Clock.GetUnixMicros();

    private Task<SignIn> Try(string password) => _desk.CheckAsync("ann", password, CancellationToken.None);

    private static double Minutes(long micros) => micros / 60e6;
}
