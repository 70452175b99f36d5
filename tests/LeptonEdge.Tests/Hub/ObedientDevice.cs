using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Hub;

/// <summary>A device that reports ten times a second and runs its workload where it is told.</summary>
internal sealed class ObedientDevice : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
    private readonly HubDevice _device;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile DesiredState _desired = new();

    public ObedientDevice(HubUnderTest hub, string name)
    {
        _device = new HubDevice(hub, name).Start();
        _running = RunAsync(_stop.Token);
    }

    /// <summary>What it says in place of the truth.</summary>
    public Action<ReportedState> Lie { get; set; } = static _ => { };

    public DesiredState Desired => _desired;

    public DesiredWorkload? Workload => _desired.Workloads.FirstOrDefault();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _device.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every);
        try
        {
            do
            {
                while (_device.Link.Desired.TryRead(out var desired))
                    _desired = desired;
                var report = HubDevice.Report(0.1, Workload?.Place ?? PlaceCode.Local, _desired.Version);
                report.Workloads[0].Peer = Workload?.Peer ?? "";
                if (Workload is { Recipe: not RecipeCode.Whole and var recipe })
                    (report.Workloads[0].Place, report.Workloads[0].Recipe) = (PlaceCode.Local, recipe);
                Lie(report);
                _device.Link.Report(report);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
