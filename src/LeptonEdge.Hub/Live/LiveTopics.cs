using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Live;

/// <summary>Notices what changes in the hub, and lets the streams that follow it know.</summary>
internal sealed class LiveTopics(LiveHub live, LiveStates states, PlanHolder plans, TimeProvider clock)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        plans.Changed += OnPlan;
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            var online = 0;
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (live.IsFollowed(LiveTopic.Devices) && states.OnlineMark() is var mark && mark != online)
                {
                    online = mark;
                    live.Note(LiveTopic.Devices);
                }

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
