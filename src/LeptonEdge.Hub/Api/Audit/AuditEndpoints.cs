using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Audit;

/// <summary>The audit log, for administrators.</summary>
internal static class AuditEndpoints
{
    // A walk reads the whole log.
    private static readonly SemaphoreSlim s_walk = new(1);

    public static void MapAudit(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/audit").Needs(Role.Admin);
        api.MapGet("", List).Gives<Page<AuditItem>>()
            .Is("listAudit", Tags.Audit,
                "Changes, newest first: by actor, action or target (a * at the end stands for any letters), and by "
                + "time (from, to: microseconds since 1970). Of a long log those that the store still holds: older ones "
                + "are in files beside it.");
        api.MapGet("/verify", Verify).Gives<AuditVerdictView>()
            .Is("verifyAudit", Tags.Audit,
                "Proves that no entry, in the store or in the files beside it, was changed, removed or moved since it was "
                + "written, or names the first.");
    }

    private static IResult List(
        [AsParameters] PageQuery query, string? actor, string? action, string? target, long? from, long? to, HubStore store)
    {
        var scope = $"audit {actor}\n{action}\n{target}\n{from}\n{to}";
        var errors = new FieldErrors().Add(StoredPage.Read(query, scope, out var page));
        Check(errors, "actor", actor);
        Check(errors, "action", action);
        Check(errors, "target", target);
        if (from is < 0)
            errors.Add("from", $"{from} is not a time in microseconds since 1970");
        if (to is < 0 || to <= from)
            errors.Add("to", $"{to} must be a time in microseconds since 1970, after from");
        if (errors.Any)
            return Problems.BadRequest(errors);
        var found = store.AuditEntries(
            new AuditFilter(actor, action, target, from, to, page.Before), page.Limit + 1);
        return Results.Json(
            StoredPage.Of(found, page.Limit, scope, entry => entry.Sequence, Shown), AccountJson.Default.PageAuditItem);
    }

    private static IResult Verify(HttpContext context, HubStore store)
    {
        if (!s_walk.Wait(0))
        {
            Problems.RetryAfter(context, TimeSpan.FromSeconds(5));
            return Problems.TooMany("somebody else has the log checked now: try again when that is done");
        }

        try
        {
            var verdict = AuditChain.Verify(store, cancellation: context.RequestAborted);
            return Results.Json(
                new AuditVerdictView(
                    verdict.IsSound, verdict.Entries, verdict.LastHash, verdict.FirstBroken, verdict.Fault),
                AccountJson.Default.AuditVerdictView);
        }
        finally
        {
            s_walk.Release();
        }
    }

    private static void Check(FieldErrors errors, string field, string? text)
    {
        if (text is { Length: 0 or > NewAuditEntry.TargetMax } || text?.Contains('\0') == true)
            errors.Add(field, $"takes 1 to {NewAuditEntry.TargetMax} characters");
    }

    private static AuditItem Shown(AuditEntry entry)
    {
        var change = entry.Change;
        return new AuditItem(
            entry.Sequence, entry.TimeMicros, change.Actor, change.Kind, change.Address, change.Action, change.Target,
            change.Outcome, Json(change.Before), Json(change.After), Convert.ToHexStringLower(entry.Hash));
    }

    // Somebody may have changed it on the disk: then it is shown as the text that it is.
    private static JsonElement? Json(string? text)
    {
        if (text is null)
            return null;
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text, AccountJson.Default.String);
        }
    }
}
