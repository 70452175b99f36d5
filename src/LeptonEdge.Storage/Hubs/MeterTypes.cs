using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What the hub's own workers, or servers that it passed work on to, did for someone.</summary>
/// <param name="Device">Null: for an operator.</param>
/// <param name="Workload">As the request named it; empty for none. The first 200 characters are kept; so with the
/// others.</param>
/// <param name="TimeMicros">Hub time.</param>
public sealed record HubUsage(
    DeviceId? Device, string Workload, string Model, string Version, NodeKind Node, long TimeMicros,
    UsageAmounts Used);

/// <summary>Which usage to sum; what is null does not narrow.</summary>
/// <param name="FromMicros">Microseconds since 1970-01-01 UTC, not negative; rounded down to the whole minute or hour.</param>
/// <param name="ToMicros">After <paramref name="FromMicros"/>; rounded up.</param>
public sealed record MeterFilter(long FromMicros, long ToMicros)
{
    /// <summary>The longest range that is summed by minute.</summary>
    public static readonly TimeSpan MinutesMax = TimeSpan.FromDays(2);

    public TenantId? Tenant { get; init; }

    public DeviceId? Device { get; init; }

    public string? Workload { get; init; }

    public string? Model { get; init; }

    /// <summary>Sums are of steps of time of this length, counted from 1970; null: of the whole range. An hour or longer
    /// rounds the range to whole hours.</summary>
    public TimeSpan? Step { get; init; }
}

/// <summary>What the meters say of a range of time.</summary>
/// <param name="FromMicros">Where the range that was summed begins.</param>
/// <param name="ToMicros">Where it ends.</param>
/// <param name="Resolution">To what the range was rounded.</param>
/// <param name="KeptFromMicros">What is older was given up for the limit on rows; 0 while nothing was.</param>
public sealed record MeterReading(
    IReadOnlyList<MeterSum> Sums, long FromMicros, long ToMicros, TimeSpan Resolution, long KeptFromMicros);

/// <summary>What one workload with one model used on one kind of node. Devices' batches have neither workload nor
/// model.</summary>
/// <param name="Device">Null: operators.</param>
/// <param name="Verdicts">Verdicts in the store.</param>
public sealed record MeterSum(
    TenantId? Tenant, DeviceId? Device, string Workload, string Model, string Version, NodeKind Node,
    UsageAmounts Used, long Verdicts)
{
    /// <summary>Where its step of time begins, microseconds since 1970-01-01 UTC; 0 when the whole range is one.</summary>
    public long StepMicros { get; init; }
}
