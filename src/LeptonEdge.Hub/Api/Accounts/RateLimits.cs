using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Sync;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace LeptonEdge.Hub.Api.Accounts;

/// <summary>Metadata of an endpoint that takes passwords: few tries from one address.</summary>
internal sealed record SignInRule;

/// <summary>How much one caller may ask. Devices and calls to models have limits of their own (<c>CallerGate</c>), and the
/// operator's token has none.</summary>
internal static class RateLimits
{
    private const int RefillsPerSecond = 10;

    public static IServiceCollection AddRateLimits(this IServiceCollection services, ApiOptions options) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = RefuseAsync;
            limiter.GlobalLimiter =
                PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, options));
        });

    private static RateLimitPartition<string> PartitionOf(HttpContext context, ApiOptions options)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<SignInRule>() is not null)
            return RateLimitPartition.GetTokenBucketLimiter(
                $"sign-in {Network(context.Connection.RemoteIpAddress)}", _ => SignIns(options));
        var caller = context.FindCaller();
        return caller is null or { Kind: CallerKind.OperatorToken }
            || AccessRules.AccessOf(endpoint) == Access.FleetOrOperator
            || context.Features.Get<FleetIdentity>() is not null
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(caller.Name, _ => Requests(options));
    }

    private static TokenBucketRateLimiterOptions Requests(ApiOptions options)
    {
        var refill = Math.Max(1, options.RequestsPerSecond / RefillsPerSecond);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst,
            TokensPerPeriod = Math.Min(refill, options.Burst),
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)refill / options.RequestsPerSecond),
            QueueLimit = 0,
        };
    }

    private static TokenBucketRateLimiterOptions SignIns(ApiOptions options) => new()
    {
        TokenLimit = options.SignInsPerMinute,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromMinutes(1) / options.SignInsPerMinute,
        QueueLimit = 0,
    };

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellation)
    {
        rejected.HttpContext.RequestServices.GetRequiredService<RefusedRequests>()
            .Add(rejected.HttpContext, Refusal.Rate);
        var after = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
        Problems.RetryAfter(rejected.HttpContext, after);
        var seconds = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Problems.WriteAsync(
            rejected.HttpContext, StatusCodes.Status429TooManyRequests, "too many",
            $"more requests than the hub takes from one caller: try again in {seconds} s ('api' in hub.yaml sets the limits)")
            .ConfigureAwait(false);
    }

    // Who has one address of IPv6 has all of its network.
    private static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        var bytes = address.GetAddressBytes();
        return new IPAddress([.. bytes[..8], .. new byte[8]]).ToString();
    }
}
