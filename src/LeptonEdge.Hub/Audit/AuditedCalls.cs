using LeptonEdge.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace LeptonEdge.Hub.Audit;

/// <summary>Metadata of an endpoint whose calls land in the audit log.</summary>
internal sealed record AuditRule(string Action);

internal static class AuditedCalls
{
    /// <summary>Every change by this endpoint lands in the audit log, in the transaction of the change; what it refuses or
    /// fails at, before that is answered.</summary>
    /// <param name="action">What is done to what: <c>alarm.acknowledge</c>.</param>
    /// <param name="body">False where the request's body is large or secret: it stays out of the log.</param>
    public static RouteHandlerBuilder Audited(this RouteHandlerBuilder builder, string action, bool body = true) =>
        builder.WithMetadata(new AuditRule(action))
            .AddEndpointFilterFactory((_, next) => call => RunAsync(call, next, action, body));

    /// <summary>The same for a call that is none of an endpoint of ours.</summary>
    /// <param name="target">Of what it gave.</param>
    public static async Task<T> AuditAsync<T>(
        this HttpContext context, string action, Func<Task<T>> work, string target = "")
    {
        var scope = AuditScope.Of(context, action, () => target, () => null);
        using var _ = scope.Enter();
        try
        {
            var result = await work().ConfigureAwait(false);
            scope.End(AuditOutcome.Done);
            return result;
        }
        catch (Exception fault)
        {
            scope.End(OutcomeOf(fault));
            throw;
        }
    }

    private static async ValueTask<object?> RunAsync(
        EndpointFilterInvocationContext call, EndpointFilterDelegate next, string action, bool body)
    {
        var context = call.HttpContext;
        var scope = AuditScope.Of(context, action, () => TargetOf(context), () => body ? BodyOf(call) : null);
        using var _ = scope.Enter();
        object? result;
        try
        {
            result = await next(call).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            scope.End(OutcomeOf(fault));
            throw;
        }

        scope.End(OutcomeOf(result));
        return result;
    }

    private static AuditOutcome OutcomeOf(Exception fault) =>
        fault is BadHttpRequestException or ServingException ? AuditOutcome.Refused : AuditOutcome.Failed;

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
