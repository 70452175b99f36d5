using Grpc.Core;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Offload;

public sealed class OffloadTests : IAsyncLifetime
{
    // Long enough that a loaded test machine is never taken for a slow hub.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(4);

    private readonly ScriptedHub _hub = new();
    private readonly PipelineQueue _queue = new(TimeProvider.System, NullLogger<PipelineQueue>.Instance);
    private readonly InferenceLane _lane =
        new(new LaneSettings { Nice = 0 }, TimeProvider.System, NullLogger<InferenceLane>.Instance);
    private WorkloadRunner _workload = null!;
    private InferenceRouter _router = null!;
    private HubInference _inference = null!;
    private HubQuestion _question = null!;

    public async Task InitializeAsync()
    {
        await _hub.StartAsync();
        var bundle = ModelBundle.Load(Path.Combine(Requires.RepositoryRoot, "firmware-config/models"),
            new ModelReference("bearing-fault", "1.0.0"));
        var configuration = new WorkloadConfiguration
        {
            Id = new WorkloadId("bearing"), Channels = ["drive-end"], Model = bundle.Reference, HubModel =
                bundle.Reference,
            MayLeaveDevice = true, Deadline = Deadline, Priority = 7,
        };
        _question = new HubQuestion(configuration.Id, bundle.Manifest, configuration.Priority);
        var channel = new HubChannel(_hub.Address, _hub.DeviceCertificate, [_hub.Authority.Certificate], TimeProvider.System);
        _inference = new HubInference(channel, TimeProvider.System, NullLogger<HubInference>.Instance);
        _router = new InferenceRouter(_lane, TimeProvider.System, NullLogger<InferenceRouter>.Instance, _inference);
        _workload = new WorkloadRunner(
            configuration, new ChannelName("drive-end"), new LocalModel(bundle, new LaneSettings()), _question, _queue,
            TimeProvider.System, NullLogger<WorkloadRunner>.Instance);
        _workload.Connect(_router);
        _workload.Route = WorkloadRoute.To(_question);
        _lane.Start();
    }

    [Fact]
    public async Task A_window_placed_on_the_hub_is_answered_there()
    {
        var answer = await TakeAsync();

        Assert.Equal((Place.Hub, "ball", false), (answer.Place, answer.Finding.Label, answer.Late));
        Assert.Equal((1, 0, 0), (_workload.InferencesHub, _workload.InferencesLocal, _workload.Fallbacks));
        var request = _hub.LastRequest!;
        Assert.Equal(("bearing-fault", "1.0.0"), (request.ModelName, request.ModelVersion));
        Assert.Equal(_question.WindowBytes, request.RawInputContents[0].Length);
        Assert.Equal("bearing", request.Parameters["workload"].StringParam);
        Assert.InRange(request.Parameters["deadline_us"].Int64Param, 1, Deadline.Ticks / 10);
    }

    [Fact]
    public async Task A_hub_that_stays_silent_costs_the_window_its_place_but_not_its_deadline()
    {
        _hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);

        var answer = await TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.False(answer.Late, $"answered after {answer.LatencyMicros} µs");
        Assert.Equal(1, _workload.Fallbacks);
        // The wait for the hub is not held against the device.
        Assert.InRange(_workload.LocalLatency.Quantile(0.99), 0, Deadline.TotalSeconds / 4);
    }

    [Fact]
    public async Task A_workload_moves_only_once_the_hub_has_answered_a_rehearsal()
    {
        Assert.True(await _inference.RehearseAsync(_question, CancellationToken.None));
        _hub.Before = _ => throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, "no such model"));
        Assert.False(await _inference.RehearseAsync(_question, CancellationToken.None));
    }

    [Fact]
    public async Task A_reply_that_comes_after_the_device_answered_itself_is_counted_and_not_used()
    {
        // The device answers after three quarters of the deadline: this reply comes between that and the deadline.
        var release = new TaskCompletionSource();
        _hub.Before = _ => release.Task;
        var answer = await TakeAsync();
        release.SetResult();

        Assert.Equal(Place.Local, answer.Place);
        await Eventually.True(() => _workload.IsIdle, "the call's end");
        Assert.Equal(1, _workload.LateReplies);
        Assert.False(_queue.Reader.TryRead(out _));
        Assert.Equal(0, _workload.InferencesHub);
    }

    [Fact]
    public async Task A_refused_window_is_answered_by_the_device_at_once()
    {
        _hub.Before = _ => throw new RpcException(
            new Grpc.Core.Status(StatusCode.ResourceExhausted, "no room before the deadline"));

        var answer = await TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.True(answer.LatencyMicros < Deadline.TotalMicroseconds / 2, $"{answer.LatencyMicros} µs");
        Assert.True(_inference.IsReachable);
    }

    [Fact]
    public async Task A_dead_hub_is_left_alone_and_found_again_by_the_probe()
    {
        Assert.Equal(Place.Hub, (await TakeAsync()).Place);
        await _hub.StopAsync();

        await Eventually.True(async () =>
        {
            Assert.Equal(Place.Local, (await TakeAsync()).Place);
            return !_inference.IsReachable;
        }, "the circuit breaker opens");
        var asked = _hub.Asked;
        for (var i = 0; i < 20; i++)
            Assert.True((await TakeAsync()).LatencyMicros < Deadline.TotalMicroseconds / 4);
        Assert.Equal(asked, _hub.Asked);

        await _hub.StartAsync();
        await Eventually.True(async () =>
        {
            await _inference.ProbeAsync(CancellationToken.None);
            return _inference.IsReachable;
        }, "the probe finds the hub again");
        Assert.Equal(Place.Hub, (await TakeAsync()).Place);
        Assert.True(_inference.RttSeconds > 0);
    }

    [Fact]
    public async Task A_stranger_with_another_authority_gets_no_window()
    {
        using var folder = new TempFolder();
        using var stranger = LeptonEdge.Hub.Trust.FleetAuthority.OpenOrCreate(folder.Path, new TenantId("acme"));
        using var channel = new HubInference(
            new HubChannel(_hub.Address, _hub.DeviceCertificate, [stranger.Certificate], TimeProvider.System), TimeProvider.System,
            NullLogger<HubInference>.Instance);

        var result = await channel.AskAsync(
            _question, new float[_question.FeatureCount], Deadline, CancellationToken.None);

        Assert.IsType<OffloadResult.Unreachable>(result);
        Assert.Equal(0, _hub.Asked);
    }

    [Fact]
    public async Task Readiness_is_the_hubs_word_on_that_very_model()
    {
        Assert.True(await _inference.IsReadyAsync(
            new ModelReference("bearing-fault", "1.0.0"), CancellationToken.None));
        Assert.False(await _inference.IsReadyAsync(new ModelReference("other", "1"), CancellationToken.None));
    }

    [Fact]
    public async Task On_the_device_a_window_allocates_nothing_on_the_sensors_thread()
    {
        _workload.Route = WorkloadRoute.Local;
        var window = Window();
        for (var i = 0; i < 50; i++)
            await TakeAsync();

        var allocated = await Task.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 4; i++)
                _workload.Take(window, 1, TimeProvider.System.GetTimestamp());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.Equal(0, allocated);
        await Eventually.True(() => _workload.InferencesLocal == 54, "every answer");
    }

    public async Task DisposeAsync()
    {
        _router.Dispose();
        _lane.Stop(TimeSpan.FromSeconds(5));
        _workload.Dispose();
        _inference.Dispose();
        await _hub.DisposeAsync();
    }

    private async Task<PipelineItem> TakeAsync()
    {
        _workload.Take(Window(), 1, TimeProvider.System.GetTimestamp());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _queue.Reader.ReadAsync(patience.Token);
    }

    private static float[] Window()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 1_024).Select(_ => (float)(random.NextDouble() - 0.5))];
    }
}
