using LeptonEdge.Core;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Live;

/// <summary>Makes the summary.</summary>
public sealed class SummaryService(
    HubOptions options, FleetState fleet, AlarmBoard alarms, PlanHolder plans, PlanDesk desk,
    HubStore store, HubLink link, HubMeters meters, TimeProvider clock)
{
    // More than any page can offer to choose from.
    private const int ChannelsMax = 2000;
    private static readonly TimeSpan OnlineFor = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReadChannelsEvery = TimeSpan.FromSeconds(5);

    private readonly long _startedMicros = clock.GetUnixMicros();
    private volatile StoredNames _stored = new([], 0);
    private long _storedAt = long.MinValue;

    public long StartedMicros => _startedMicros;

    /// <summary>A device seen since then is online.</summary>
    public long AliveAfterMicros => clock.GetUnixMicros() - (OnlineFor.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>As far as this caller sees it.</summary>
    internal SummaryResponse Build(Caller caller)
    {
        var whole = Build();
        return caller.Sites is null
            ? whole
            : whole with
            {
                Rows = [.. whole.Rows.Where(row => PlanSight.Sees(fleet, caller, row.Device))],
                Channels = [.. whole.Channels.Where(channel => PlanSight.Sees(fleet, caller, channel.Device))],
            };
    }

    public SummaryResponse Build()
    {
        var stored = ReadStored();
        var rows = SummaryBuilder.Build(
            fleet.Devices, alarms, stored.Channels.ToLookup(c => c.Device, c => c.Channel), AliveAfterMicros,
            desk.Distrusted);
        var status = new HubStatus(
            options.Tenant.Value, HubVersion.Text, _startedMicros, plans.Current.Plan.Version, stored.Batches,
            meters.Moves,
            link.Connected, Environment.WorkingSet);
        return new SummaryResponse(clock.GetUnixMicros(), status, rows, stored.Channels);
    }

    private StoredNames ReadStored()
    {
        var now = clock.GetTimestamp();
        var before = Interlocked.Read(ref _storedAt);
        if (before != long.MinValue && clock.GetElapsedTime(before, now) < ReadChannelsEvery)
            return _stored;
        // One of several callers reads anew; the others take what there is.
        if (Interlocked.CompareExchange(ref _storedAt, now, before) == before)
            _stored = Read();
        return _stored;
    }

    private StoredNames Read()
    {
        var channels = new List<ChannelReference>();
        var batches = 0L;
        foreach (var device in store.Devices(options.Tenant))
        {
            batches += device.Batches;
            foreach (var channel in store.Channels(options.Tenant, device.Device))
            {
                if (channels.Count < ChannelsMax)
                    channels.Add(new ChannelReference(device.Device.Value, channel.Channel.Value));
            }
        }

        return new StoredNames(channels, batches);
    }

    private sealed record StoredNames(IReadOnlyList<ChannelReference> Channels, long Batches);
}
