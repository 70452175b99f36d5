using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>Metadata of an endpoint that creates something: it honours Idempotency-Key.</summary>
/// <param name="Secret">Its request holds a secret.</param>
internal sealed record CreateRule(bool Secret);

/// <summary>Gives the answer of before to a request that comes again with its Idempotency-Key. An answer is kept for a day,
/// in the transaction of what it is about (<see cref="KeyClaim"/>): a key creates once, whatever becomes of the hub.</summary>
internal sealed class IdempotencyGate(RequestDelegate next, HubStore store, TimeProvider clock)
{
    public const string Header = "Idempotency-Key";
    private const int KeyMax = 200;
    private const int BodyMax = 1 << 20;

    // As many as a password's own hash takes: the digest shall help nobody to guess it.
    private const int SecretRounds = 100_000;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<(string Caller, string Key), byte> _underWay = [];

    public async Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers[Header].ToString();
        if (key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<CreateRule>() is not { } rule
            || context.FindCaller() is not { } caller)
        {
            await next(context);
            return;
        }

        if (key.Length > KeyMax || key.Any(c => c is < ' ' or > '~'))
        {
            var errors = new FieldErrors().Add(Header, $"give 1 to {KeyMax} printable ASCII characters");
            await Problems.WriteAsync(context, 400, "the request is not valid", errors.Detail, errors);
            return;
        }

        if (!_underWay.TryAdd((caller.Name, key), 0))
        {
            Problems.RetryAfter(context, TimeSpan.FromSeconds(1));
            await Problems.WriteAsync(context, 409, "conflict", "the first request with this key is still under way");
            return;
        }

        try
        {
            await AnswerAsync(context, caller, key, rule);
        }
        finally
        {
            _underWay.TryRemove((caller.Name, key), out _);
        }
    }

    private async Task AnswerAsync(HttpContext context, Caller caller, string key, CreateRule rule)
    {
        if (await DigestAsync(context) is not { } digest)
        {
            await Problems.WriteAsync(
                context, 413, "too large", $"body: a request with {Header} takes at most {BodyMax} bytes");
            return;
        }

        if (rule.Secret)
            digest = Rfc2898DeriveBytes.Pbkdf2(
                digest, Encoding.UTF8.GetBytes(key), SecretRounds, HashAlgorithmName.SHA256, digest.Length);
        var since = clock.GetUnixMicros() - (Kept.Ticks / TimeSpan.TicksPerMicrosecond);
        if (store.Answer(caller.Tenant, caller.Name, key, since) is { } before)
        {
            await RepeatAsync(context, before, digest);
            return;
        }

        var claim = new KeyClaim(caller.Tenant, caller.Name, key, digest, since);
        context.Features.Set(claim);
        var body = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = copy;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
        }

        var (status, content) = (context.Response.StatusCode, copy.ToArray());
        // What failed may be tried again with the same key.
        if (status is >= 200 and < 300 && !claim.IsKept)
            store.PutAnswer(claim.Of(new KeptAnswer([], status, context.Response.ContentType ?? "", content)));
        await body.WriteAsync(content, context.RequestAborted);
    }

    private static Task RepeatAsync(HttpContext context, KeptAnswer before, byte[] digest)
    {
        if (!before.Digest.AsSpan().SequenceEqual(digest))
        {
            var errors = new FieldErrors().Add(Header, "it was used with another request; take a new key");
            return Problems.WriteAsync(context, 422, "the key was used before", errors.Detail, errors);
        }

        context.Response.StatusCode = before.Status;
        if (before.ContentType.Length > 0)
            context.Response.ContentType = before.ContentType;
        return context.Response.Body.WriteAsync(before.Content, context.RequestAborted).AsTask();
    }

    private static async Task<byte[]?> DigestAsync(HttpContext context)
    {
        var request = context.Request;
        request.EnableBuffering();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        var buffer = new byte[16 * 1024];
        var total = 0;
        while (await request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
        {
            if ((total += count) > BodyMax)
                return null;
            hash.AppendData(buffer.AsSpan(0, count));
        }

        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }
}

internal static class Creating
{
    /// <summary>The same request with the same Idempotency-Key gets the same answer, and creates once.</summary>
    /// <param name="secret">Whether the request holds a secret, such as a password.</param>
    public static RouteHandlerBuilder Creates(this RouteHandlerBuilder route, bool secret = false) =>
        route.WithMetadata(new CreateRule(secret));
}
