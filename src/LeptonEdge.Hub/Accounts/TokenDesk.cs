using LeptonEdge.Core;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Personal access tokens, for scripts. Nobody makes one that may more than they may themselves.</summary>
internal sealed class TokenDesk(AccountBook book, TimeProvider clock)
{
    private static readonly long s_noteEvery = TimeSpan.FromMinutes(1).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <returns>The token's text, which nobody can be shown again; null when the account has as many as it may.</returns>
    public (StoredToken Token, string Text)? Make(NewToken wish)
    {
        var text = TokenText.Make();
        var token = book.Change(store => store.AddToken(wish with { Digest = TokenText.Digest(text) }));
        return token is null ? null : (token, text);
    }

    /// <summary>Null: no token, or one that has expired.</summary>
    public StoredToken? Find(string text)
    {
        if (!TokenText.IsOne(text) || book.TokenOf(TokenText.Digest(text)) is not { } token)
            return null;
        var now = clock.GetUnixMicros();
        if (now >= token.ExpiresMicros)
            return null;
        if (now - token.UsedMicros >= s_noteEvery)
            book.Note(token with { UsedMicros = now });
        return token;
    }

    public bool IsAlive(StoredToken token) =>
        book.TokenOf(token.Digest) is not null && clock.GetUnixMicros() < token.ExpiresMicros;

    /// <summary>Newest first, expired ones too.</summary>
    public IReadOnlyList<StoredToken> List(Func<StoredToken, bool> which) =>
        [.. book.Tokens.Where(which).OrderByDescending(token => token.Id)];

    public bool Remove(long id) => book.Change(store => store.RemoveToken(id));
}
