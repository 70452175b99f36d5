using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.Api.Status;

/// <summary>The last hour of the fleet's figures, kept in memory: it begins when the hub does.</summary>
internal sealed class HubTrend(HubStates states, HubLink link, HubOptions options, TimeProvider clock)
    : BackgroundService
{
    public const int PointsMax = 360;
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    // A page that is opened beside a hub that has just started has something to draw soon.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private readonly Queue<HubTrendPoint> _points = new(PointsMax);
    private readonly Lock _gate = new();

    internal HubTrendView View()
    {
        lock (_gate)
            return new HubTrendView((int)Every.TotalSeconds, [.. _points]);
    }

    /// <summary>Takes what is now; the oldest point goes when there are enough.</summary>
    internal void Take(HubView now)
    {
        lock (_gate)
        {
            if (_points.Count == PointsMax)
                _points.Dequeue();
            _points.Enqueue(new HubTrendPoint(
                now.TimeMicros, now.Rates.ReadingsPerSecond, now.Rates.InferencesPerSecond, now.Deadlines.Share,
                now.Plan.CostPerHour, now.Devices.Online, now.Alarms.Active));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var everyone = Caller.OfOperatorToken(options.Tenant);
        try
        {
            await Task.Delay(First, clock, stoppingToken).ConfigureAwait(false);
            using var timer = new PeriodicTimer(Every, clock);
            do
            {
                // A store that is down cannot say how many alarms stand: there is no point then.
                if (!link.StoreDown)
                    Take(states.Of(everyone, withStore: false));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
    }
}
