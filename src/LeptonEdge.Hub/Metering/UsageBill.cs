using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Metering;

/// <summary>Meters and prices, brought together.</summary>
internal static class UsageBill
{
    /// <summary>Every sum at the prices of its node, and the site of its device; then summed as was asked.</summary>
    public static UsageResponse Of(
        MeterReading reading, UsageGrouping grouping, HubOptions options, FleetState fleet)
    {
        var sites = fleet.Devices.ToDictionary(device => device.Device, device => device.State.Site);
        var rows = new SortedDictionary<Key, Row>();
        var total = new Row();
        foreach (var sum in reading.Sums)
        {
            var site = sum.Device is { } device ? sites.GetValueOrDefault(device, "") : "";
            // The hub and its pools stand where they stand, whoever asks them.
            var prices = options.Prices.For(sum.Node, sum.Node == NodeKind.Device ? site : "");
            var cost = prices.Cost(sum.Used.ToConsumption());
            var key = Key.Of(sum, grouping, options.Tenant, site);
            if (!rows.TryGetValue(key, out var row))
                rows.Add(key, row = new Row());
            row.Add(sum, cost);
            total.Add(sum, cost);
        }

        return new UsageResponse(
            options.Tenant.Value, reading.FromMicros, reading.ToMicros,
            reading.Resolution >= TimeSpan.FromHours(1) ? "hour" : "minute",
            reading.KeptFromMicros > reading.FromMicros ? reading.KeptFromMicros : null, grouping.ToString(),
            options.Prices.Currency, [.. rows.Select(row => row.Value.ToView(row.Key))],
            total.ToView(default));
    }

    private readonly record struct Key(
        long? FromMicros, string? Tenant, string? Site, string? Device, string? Workload, string? Model, string? Node) : IComparable<Key>
    {
        public static Key Of(MeterSum sum, UsageGrouping by, TenantId tenant, string site) => new(
            by.Step is null ? null : sum.StepMicros, by.Tenant ? tenant.Value : null, by.Site ? site : null, by.Device ? sum.Device?.Value ?? "" : null,
            by.Workload ? sum.Workload : null,
            by.Model ? sum.Version.Length == 0 ? sum.Model : $"{sum.Model}/{sum.Version}" : null,
            by.Node ? sum.Node.ToString().ToLowerInvariant() : null);

        public int CompareTo(Key other)
        {
            if ((FromMicros ?? 0).CompareTo(other.FromMicros ?? 0) is not 0 and var earlier)
                return earlier;
            string?[] own = [Tenant, Site, Device, Workload, Model, Node];
            string?[] others = [other.Tenant, other.Site, other.Device, other.Workload, other.Model, other.Node];
            for (var i = 0; i < own.Length; i++)
            {
                if (string.CompareOrdinal(own[i], others[i]) is not 0 and var order)
                    return order;
            }

            return 0;
        }
    }

    private sealed class Row
    {
        private UsageAmounts _used;
        private long _verdicts;
        private double _cost;

        public void Add(MeterSum sum, double cost)
        {
            _used += sum.Used;
            _verdicts += sum.Verdicts;
            _cost += cost;
        }

        public UsageRow ToView(in Key key) => new(
            key.FromMicros, key.Tenant, key.Site, key.Device, key.Workload, key.Model, key.Node, _used.Inferences, _verdicts,
            _used.CoreMicros / 1e6, _used.AcceleratorMicros / 1e6, _used.Bytes,
            (_used.MeasuredMicrojoules + _used.EstimatedMicrojoules) / 1e6,
            (_used.MeasuredMicrojoules, _used.EstimatedMicrojoules) switch
            {
                (0, 0) => "none",
                (_, 0) => "measured",
                (0, _) => "estimated",
                _ => "mixed",
            },
            _cost);
    }
}
