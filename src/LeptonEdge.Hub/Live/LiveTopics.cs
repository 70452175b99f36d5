using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Live;

/// <summary>Notices what changes in the hub, and lets the streams that follow it know.</summary>
internal sealed class LiveTopics(
    LiveHub live, LiveStates states, LiveRows rows, PlanHolder plans, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        plans.Changed += OnPlan;
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            var (online, even) = (0, false);
            HubView? told = null;
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (live.IsFollowed(LiveTopic.Devices) && states.OnlineMark() is var mark && mark != online)
                {
                    online = mark;
                    live.Note(LiveTopic.Devices);
                }

                // Not oftener than once a second.
                even = !even;
                if (even && live.IsFollowed(LiveTopic.Hub) && states.HubMark() is var state && state != told)
                {
                    told = state;
                    live.Note(LiveTopic.Hub);
                }

                rows.Refresh(live.RowReaders());

                // A job's progress is in the store alone; who follows jobs looks at it twice a second.
                if (live.IsFollowed(LiveTopic.Jobs))
                    live.Note(LiveTopic.Jobs);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The hub stops.
        }
        finally
        {
            plans.Changed -= OnPlan;
        }
    }

    private void OnPlan(PlanRecord plan) => live.Note(LiveTopic.Plan);
}
