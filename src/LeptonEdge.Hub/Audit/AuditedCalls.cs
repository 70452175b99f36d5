using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace LeptonEdge.Hub.Audit;

/// <summary>Metadata of an endpoint whose calls land in the audit log.</summary>
internal sealed record AuditRule(string Action);

internal static class AuditedCalls
{
    // Who has not signed in yet.
    private const string Nobody = "nobody";

    /// <summary>Every call of this endpoint that passed the gate lands in the audit log, before it is answered.</summary>
    /// <param name="action">What is done to what: <c>alarm.acknowledge</c>.</param>
    /// <param name="body">False where the request's body is large or secret: it stays out of the log.</param>
    public static RouteHandlerBuilder Audited(this RouteHandlerBuilder builder, string action, bool body = true) =>
        builder.WithMetadata(new AuditRule(action))
            .AddEndpointFilterFactory((_, next) => call => RunAsync(call, next, action, body));

    /// <summary>One entry about this request, by whoever sent it.</summary>
    public static void Add(
        this AuditLog log, HttpContext context, string action, string target, object? before = null,
        object? after = null, AuditOutcome outcome = AuditOutcome.Done)
    {
        var (signedIn, caller) = (context.Features.Get<SignedIn>(), context.FindCaller());
        caller ??= new Caller(
            Nobody, Role.Viewer, context.RequestServices.GetRequiredService<FleetAuthority>().Tenant, null,
            CallerKind.Session, Scopes.None);
        var kind = signedIn is null ? "none" : CallerKinds.NameOf(caller.Kind);
        if (signedIn?.Token is { } token)
            kind = $"{kind} {token.Name}";
        log.Add(
            caller, action, target, before, after, outcome, context.Connection.RemoteIpAddress?.ToString() ?? "", kind);
    }

    private static async ValueTask<object?> RunAsync(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next, string action, bool body)
    {
        var context = call.HttpContext;
        var log = context.RequestServices.GetRequiredService<AuditLog>();
        try
        {
            var result = await next(call).ConfigureAwait(false);
            Note(log, call, action, body, OutcomeOf(result));
            return result;
        }
        catch (Exception fault)
        {
            var refused = fault is BadHttpRequestException or ServingException;
            Note(log, call, action, body, refused ? AuditOutcome.Refused : AuditOutcome.Failed);
            throw;
        }
    }

    private static void Note(
        AuditLog log, EndpointFilterInvocationContext call, string action, bool body, AuditOutcome outcome)
    {
        var context = call.HttpContext;
        var note = context.AuditNote();
        log.Add(
            context, action, note.Target ?? TargetOf(context), note.Before, note.After ?? (body ? BodyOf(call) : null),
            outcome);
    }

    private static AuditOutcome OutcomeOf(object? result) => result is IStatusCodeHttpResult { StatusCode: { } status }
        ? status switch { < 400 => AuditOutcome.Done, < 500 => AuditOutcome.Refused, _ => AuditOutcome.Failed }
        : AuditOutcome.Done;

    private static string TargetOf(HttpContext context) =>
        string.Join('/', context.Request.RouteValues.Values.Select(value => value?.ToString()));

    private static object? BodyOf(EndpointFilterInvocationContext call) =>
        call.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is { } type
            ? call.Arguments.FirstOrDefault(type.IsInstanceOfType)
            : null;
}
