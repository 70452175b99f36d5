using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;

namespace LeptonEdge.Hub.Planning;

/// <summary>What operators wish of one alarm rule.</summary>
/// <param name="Wanted">Null when it is the device's own again.</param>
/// <param name="Version">Rises with every change; 0 while nobody wished anything.</param>
public sealed record RuleWish(DesiredRule? Wanted, long Version)
{
    public static readonly RuleWish None = new(null, 0);
}

/// <summary>Wishes of all devices' alarm rules, from the store. Any thread.</summary>
public sealed class RuleWishes
{
    private const string Kind = "rule";
    private readonly HubStore _store;
    private readonly TenantId _tenant;
    private readonly ConcurrentDictionary<string, ImmutableSortedDictionary<(string Workload, string Rule), RuleWish>>
        _devices = [];

    public RuleWishes(TenantId tenant, HubStore store)
    {
        (_store, _tenant) = (store, tenant);
        foreach (var document in store.Documents(tenant, Kind))
        {
            // Neither device nor workload has a slash in its name.
            if (document.Name.Split('/', 3) is [var device, var workload, var rule])
                Note(device, workload, rule, Read(document));
        }
    }

    public RuleWish Of(DeviceId device, string workload, string rule) =>
        _devices.GetValueOrDefault(device.Value)?.GetValueOrDefault((workload, rule)) ?? RuleWish.None;

    /// <summary>Those of one workload that are not the device's own, by name.</summary>
    public IEnumerable<DesiredRule> Of(DeviceId device, string workload) =>
        _devices.TryGetValue(device.Value, out var wishes)
            ? wishes.Where(wish => wish.Key.Workload == workload && wish.Value.Wanted is not null)
                .Select(wish => wish.Value.Wanted!)
            : [];

    /// <summary>Keeps a wish, durably.</summary>
    /// <param name="wanted">Null gives the rule back to the device's configuration.</param>
    /// <param name="expected">Only if the wish before has this version; null for any.</param>
    /// <returns>The wish as it is then; null when it had another version.</returns>
    public RuleWish? Put(DeviceId device, string workload, string rule, DesiredRule? wanted, long? expected)
    {
        // What is given back stays as an empty document: its versions go on, so that no ETag ever stands for two.
        var stored = _store.PutDocument(
            _tenant, Kind, $"{device.Value}/{workload}/{rule}", wanted?.ToByteArray() ?? [], expected);
        return stored is null ? null : Note(device.Value, workload, rule, Read(stored));
    }

    private RuleWish Note(string device, string workload, string rule, RuleWish wish)
    {
        _devices.AddOrUpdate(
            device,
            _ => ImmutableSortedDictionary.Create<(string, string), RuleWish>(NameOrder).Add((workload, rule), wish),
            (_, known) => known.TryGetValue((workload, rule), out var before) && before.Version > wish.Version
                ? known
                : known.SetItem((workload, rule), wish));
        return wish;
    }

    private static IComparer<(string Workload, string Rule)> NameOrder { get; } =
        Comparer<(string Workload, string Rule)>.Create(static (a, b) =>
            string.CompareOrdinal(a.Workload, b.Workload) is not 0 and var order
                ? order
                : string.CompareOrdinal(a.Rule, b.Rule));

    private static RuleWish Read(Document document) => new(
        document.Content.Length == 0 ? null : DesiredRule.Parser.ParseFrom(document.Content), document.Version);
}
