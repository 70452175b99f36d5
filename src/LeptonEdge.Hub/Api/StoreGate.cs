using LeptonEdge.Sync.Hubs;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api;

/// <summary>While the store takes nothing, what is asked of it would be answered from the past as if it were the present:
/// 503 with Retry-After instead. It ends by itself when the store works again.</summary>
internal sealed class StoreGate(HubLink link) : IEndpointFilter
{
    /// <summary>What is said where nobody knows better.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!link.StoreDown)
            return await next(context).ConfigureAwait(false);
        Problems.RetryAfter(context.HttpContext, link.StoreRetryAfter);
        return Problems.Unavailable(
            "the hub's store is full or does not work, so devices keep their batches; free space on its disk");
    }
}
