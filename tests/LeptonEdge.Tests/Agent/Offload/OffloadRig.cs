using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Offload;

/// <summary>The way of a window through router, lane and hub, with a hub whose manners a test decides.</summary>
internal sealed class OffloadRig : IAsyncDisposable
{
    // Long enough that a loaded test machine is never taken for a slow hub.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly List<ScriptedHub> _hubs = [];
    private readonly InferenceRouter _router;

    private OffloadRig(
        List<ScriptedHub> hubs, WorkloadConfiguration configuration, ModelBundle bundle, FirstStage? first,
        FirstStage? choice)
    {
        _hubs = hubs;
        Question = new HubQuestion(
            configuration.Id, first?.Manifest ?? bundle.Manifest, configuration.Priority, TimeProvider.System, first)
        {
            Meter = new WorkCounter(),
        };
        var split = choice is null ? null : new HubQuestion(
            configuration.Id, choice.Manifest, configuration.Priority, TimeProvider.System, choice)
        {
            Tally = Question.Tally,
        };
        Inference = Ask(hubs[0].Authority);
        _router = new InferenceRouter(Lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance);
        Workload = new WorkloadRunner(
            configuration, new ChannelName("drive-end"), new LocalModel(bundle, new LaneSettings()), Question, Queue,
            TimeProvider.System, NullLogger<WorkloadRunner>.Instance, split);
        Workload.Connect(_router);
        Workload.Route = WorkloadRoute.ToHub(configuration.Offload, Question, Inference);
        Lane.Start();
    }

    public ScriptedHub Hub => _hubs[0];

    public ScriptedHub SecondHub => _hubs[1];

    public PipelineQueue Queue { get; } = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);

    public InferenceLane Lane { get; } =
        new(new LaneSettings { Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);

    public HubQuestion Question { get; }

    public HubInference Inference { get; }

    public WorkloadRunner Workload { get; }

    /// <param name="choices">What a plan may choose from.</param>
    /// <param name="choice">The split model among them.</param>
    public static async Task<OffloadRig> StartAsync(
        OffloadMode mode, TimeSpan? deadline = null, CascadeRule? cascade = null, int hubs = 1,
        FirstStage? first = null, OffloadChoices? choices = null, FirstStage? choice = null)
    {
        var started = new List<ScriptedHub> { new() };
        while (started.Count < hubs)
            started.Add(new ScriptedHub(started[0]));
        foreach (var hub in started)
            await hub.StartAsync();
        var bundle = ModelBundle.Load(
            Path.Combine(Requires.RepositoryRoot, "firmware-config/models"), new ModelReference("bearing-fault", "1.0.0"));
        var configuration = new WorkloadConfiguration
        {
            Id = new WorkloadId("bearing"), Channels = ["drive-end"], Model = bundle.Reference,
            HubModel = bundle.Reference, Privacy = Privacy.Anywhere, Deadline = deadline ?? Patience, Priority = 7,
            Offload = mode, Cascade = cascade ?? CascadeRule.Default,
            Choices = choices ?? OffloadChoices.Local | OffloadChoices.Hub,
            Alarms = [new(new AlarmRule { Name = "fault", RaiseAt = 0.8, ClearBelow = 0.4 }, null, null)],
        };
        return new OffloadRig(started, configuration, bundle, first, choice);
    }

    /// <summary>A way to the hubs that trusts the given authority.</summary>
    public HubInference Ask(FleetAuthority trusted) => new(
        [
            .. _hubs.Select(hub => new HubEndpoint(
                hub.Address, hub.DeviceCertificate, [trusted.Certificate], TimeProvider.System,
                NullLogger<HubEndpoint>.Instance)),
        ],
        TimeProvider.System);

    public void Take(long timeMicros = 1) =>
        Workload.Take(Window(), timeMicros, TimeProvider.System.GetTimestamp());

    public async Task<PipelineItem> TakeAsync(long timeMicros = 1)
    {
        Take(timeMicros);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await Queue.Reader.ReadAsync(patience.Token);
    }

    public static float[] Window()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 1_024).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    public async ValueTask DisposeAsync()
    {
        _router.Dispose();
        Lane.Stop(TimeSpan.FromSeconds(5));
        await Eventually.True(() => Workload.IsIdle, "every window's end");
        Workload.Dispose();
        Inference.Dispose();
        foreach (var hub in Enumerable.Reverse(_hubs))
            await hub.DisposeAsync();
    }
}
