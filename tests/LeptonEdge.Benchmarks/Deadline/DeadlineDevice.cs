using System.Diagnostics;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Benchmarks.Deadline;

/// <summary>One way of offloading that is measured.</summary>
/// <param name="Every">Takes every so-manieth window.</param>
internal sealed record DeadlineWay(string Name, OffloadMode Mode, TimeSpan Deadline, int Every = 1);

/// <summary>The device: the agent's own lane, router and workloads, a sensor's thread that gives all workloads the same
/// windows at the same moments, and a drill that keeps the lane busy.</summary>
internal sealed class DeadlineDevice : IAsyncDisposable
{
    private const int Priority = 5;

    private static readonly TimeSpan WindowEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DeadlineLoad _load;
    private readonly HubInference _hub;
    private readonly HubProbe _probe;
    private readonly InferenceRouter _router;
    private readonly InferenceLane _lane = new(
        new LaneSettings(), TimeProvider.System, NullLogger<InferenceLane>.Instance);
    private readonly PipelineQueue _queue = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);
    private long _number;

    public DeadlineDevice(IReadOnlyList<DeadlineWay> ways, ModelBundle small, DeadlineLoad load, HubInference hub)
    {
        (_load, _hub, _probe) = (load, hub, new HubProbe(hub, TimeProvider.System));
        _router = new InferenceRouter(_lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance);
        var large = ModelBundle.Load(
            Path.Combine(AgentProcess.Shipped, "models"), new ModelReference("bearing-fault-large", "1.0.0")).Manifest;
        Workloads = [.. ways.Select(way => Build(way, small, large))];
    }

    public IReadOnlyList<WorkloadRunner> Workloads { get; }

    public async Task StartAsync()
    {
        _lane.Start();
        await _probe.StartAsync(CancellationToken.None);
        foreach (var workload in Workloads)
            await workload.RehearseAsync(TimeSpan.FromSeconds(5));
        foreach (var workload in Workloads.Where(workload => workload.Configuration.Offload != OffloadMode.Local))
        {
            if (!await _hub.RehearseAsync(workload.Question!, CancellationToken.None))
                throw new BenchmarkException("the hub does not answer a rehearsal");
            workload.Route = WorkloadRoute.ToHub(workload.Configuration.Offload, workload.Question!, _hub);
        }
    }

    /// <param name="share">Of the lane's time that other models take.</param>
    public void Occupy(double share) => _lane.StartDrill(
        new LoadDrillSchedule(share, rampSeconds: 0, seconds: 3_600, seed: 1), Workloads[0].Model.Repeat);

    /// <summary>Waits until the device itself has found the hub alive.</summary>
    public async Task FoundHubAsync()
    {
        for (var start = Stopwatch.GetTimestamp(); !_hub.IsReachable; await Task.Delay(20))
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
                throw new BenchmarkException("the device did not find the hub again within 60 s");
        }
    }

    /// <summary>Gives windows for so long, and collects the verdicts.</summary>
    public async Task<DeadlineRun> RunAsync(TimeSpan time)
    {
        var run = new DeadlineRun(Workloads, _load);
        var sensor = new Thread(() => Feed(run, time)) { Priority = ThreadPriority.AboveNormal };
        sensor.Start();
        while (sensor.IsAlive || !Workloads.All(workload => workload.IsIdle))
        {
            if (_queue.Reader.TryRead(out var item))
                run.Take(item);
            else
                await Task.Delay(5);
        }

        while (_queue.Reader.TryRead(out var item))
            run.Take(item);
        return run;
    }

    public async ValueTask DisposeAsync()
    {
        await _probe.StopAsync(CancellationToken.None);
        _router.Dispose();
        _lane.Stop(Patience);
        foreach (var workload in Workloads)
            workload.Dispose();
        _hub.Dispose();
    }

    private WorkloadRunner Build(DeadlineWay way, ModelBundle small, ModelManifest large)
    {
        var id = new WorkloadId(way.Name);
        var configuration = new WorkloadConfiguration
        {
            Id = id, Channels = ["drive-end"], Model = small.Reference, HubModel = large.Reference,
            Privacy = Privacy.Anywhere, Deadline = way.Deadline, Offload = way.Mode, Cascade = _load.Rule,
            Priority = Priority, Hop = way.Every,
        };
        var workload = new WorkloadRunner(
            configuration, new ChannelName("drive-end"), new LocalModel(small, new LaneSettings()),
            new HubQuestion(id, large, Priority, TimeProvider.System), _queue, TimeProvider.System,
            NullLogger<WorkloadRunner>.Instance);
        workload.Connect(_router);
        return workload;
    }

    private void Feed(DeadlineRun run, TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        var windows = (long)(time / WindowEvery);
        for (var i = 0L; i < windows; i++)
        {
            while (Stopwatch.GetElapsedTime(start) < i * WindowEvery)
                Thread.Sleep(1);
            // The same window to all at one moment, each first in turn: what the lane has waiting meets all.
            for (var turn = 0; turn < Workloads.Count; turn++)
            {
                var workload = Workloads[(int)((_number + turn) % Workloads.Count)];
                if (_number % workload.Configuration.Hop!.Value != 0)
                    continue;
                run.Given(workload, _number);
                workload.Take(_load.Window(_number), _number, TimeProvider.System.GetTimestamp());
            }

            _number++;
        }
    }
}
