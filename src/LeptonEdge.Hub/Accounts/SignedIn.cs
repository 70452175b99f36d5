using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Accounts;

/// <summary>What stands behind a caller; beside it in the request.</summary>
/// <param name="Caller">As one who looks; a change asks <paramref name="Rights"/> where it is allowed.</param>
/// <param name="Account">Null for the operator's token.</param>
/// <param name="Csrf">What a change must carry along; null where no browser sends anything by itself.</param>
internal sealed record SignedIn(
    Caller Caller, Rights Rights, StoredAccount? Account, StoredSession? Session = null, StoredToken? Token = null, string? Csrf = null);

internal static class SignedInContext
{
    /// <summary>From here on this is who asks.</summary>
    public static void SignIn(this HttpContext context, SignedIn signedIn)
    {
        context.Features.Set(signedIn);
        context.Features.Set(signedIn.Caller);
    }

    /// <summary>Who asks, with what stands behind; behind the gate.</summary>
    public static SignedIn SignedIn(this HttpContext context) => context.Features.Get<SignedIn>()
        ?? throw new InvalidOperationException($"{context.Request.Path} has no caller: its endpoint lets others in");
}
