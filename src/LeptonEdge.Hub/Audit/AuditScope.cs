using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Audit;

/// <summary>One request that changes something: its entries go into the transactions of its changes, and what came of it
/// without any into one of its own.</summary>
internal sealed class AuditScope(
    AuditLog log, RefusalBook refusals, HttpContext context, string action, Func<string> target, Func<object?> asked)
    : StoreScope
{
    private readonly AuditNote _note = context.AuditNote();
    private int _written;
    private bool _asks;

    /// <summary>Has all that the request's flow of calls changes from here on written down in its name.</summary>
    public static AuditScope Of(HttpContext context, string action, Func<string> target, Func<object?> asked)
    {
        var services = context.RequestServices;
        var scope = new AuditScope(
            services.GetRequiredService<AuditLog>(), services.GetRequiredService<RefusalBook>(), context, action, target,
            asked);
        context.Features.Set(scope);
        return scope;
    }

    /// <summary>Written before it is done; what comes of it is only written when it is not what was asked.</summary>
    public void Ask()
    {
        log.Write(Entry(AuditOutcome.Asked));
        _asks = true;
    }

    /// <summary>The request is about to be answered.</summary>
    /// <exception cref="HubStoreException">An entry could not be written.</exception>
    public void End(AuditOutcome outcome)
    {
        if (outcome == AuditOutcome.Failed || (outcome == AuditOutcome.Refused && _asks))
            log.Write(Entry(outcome));
        else if (_written > 0 || _asks)
            return;
        else if (outcome == AuditOutcome.Refused)
            refusals.Add(Entry(outcome));
        else
            log.Write(Entry(outcome));
    }

    protected override StoredAlong? Along(object? result)
    {
        _note.Said?.Invoke(result);
        var answer = context.Features.Get<KeyClaim>() is { } claim && _note.Answer?.Invoke(result) is { } kept
            ? claim.Of(kept)
            : null;
        var lines = _note.TakeLines();
        if (_note.Once && _written > 0)
            return answer is null ? null : new StoredAlong([], answer);
        IReadOnlyList<NewAuditEntry> entries = lines.Count == 0
            ? [Entry(AuditOutcome.Done)]
            : [.. lines.Select(line => Entry(AuditOutcome.Done, line.Target, line.Before, line.After))];
        return new StoredAlong(entries, answer);
    }

    protected override void Committed(StoredAlong along)
    {
        _written += along.Entries.Count;
        if (along.Answer is not null)
            context.Features.Get<KeyClaim>()!.IsKept = true;
        foreach (var entry in along.Entries)
            log.Say(entry);
    }

    private NewAuditEntry Entry(AuditOutcome outcome) =>
        Entry(outcome, _note.Target ?? target(), _note.Before, _note.After ?? asked());

    private NewAuditEntry Entry(AuditOutcome outcome, string about, object? before, object? after)
    {
        var (actor, kind) = _note.Actor is { } known ? (known, CallerKinds.NameOf(CallerKind.Session)) : Who.Asks(context);
        return log.Make(actor, kind, Who.Address(context), _note.Action ?? action, about, before, after, outcome);
    }
}

/// <summary>How the log names who asks.</summary>
internal static class Who
{
    // Who has not signed in yet.
    private const string Nobody = "nobody";

    public static (string Actor, string Kind) Asks(HttpContext context)
    {
        var (signedIn, caller) = (context.Features.Get<SignedIn>(), context.FindCaller());
        var kind = signedIn is null || caller is null ? "none" : CallerKinds.NameOf(caller.Kind);
        return (caller?.Name ?? Nobody, signedIn?.Token is { } token ? $"{kind} {token.Name}" : kind);
    }

    public static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
