using Grpc.Core;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

[Collection(Alone.Name)]
public sealed class OffloadTests : IAsyncLifetime
{
    private OffloadRig _rig = null!;

    public async Task InitializeAsync() => _rig = await OffloadRig.StartAsync(OffloadMode.Hub);

    [Fact]
    public async Task A_window_placed_on_the_hub_is_answered_there()
    {
        var answer = await _rig.TakeAsync();

        Assert.Equal((Place.Hub, "ball", false), (answer.Place, answer.Finding.Label, answer.Late));
        Assert.Equal((1, 0, 0), (_rig.Workload.InferencesHub, _rig.Workload.InferencesLocal, _rig.Workload.Fallbacks));
        var request = _rig.Hub.LastRequest!;
        Assert.Equal(("bearing-fault", "1.0.0"), (request.ModelName, request.ModelVersion));
        Assert.Equal(_rig.Question.WindowBytes, request.RawInputContents[0].Length);
        Assert.Equal("bearing", request.Parameters["workload"].StringParam);
        Assert.InRange(request.Parameters["deadline_us"].Int64Param, 1, OffloadRig.Patience.Ticks / 10);
    }

    [Fact]
    public async Task A_hub_that_stays_silent_costs_the_window_its_place_but_not_its_deadline()
    {
        _rig.Hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);

        var answer = await _rig.TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.False(answer.Late, $"answered after {answer.LatencyMicros} µs");
        Assert.Equal(1, _rig.Workload.Fallbacks);
        // The wait for the hub is not held against the device.
        Assert.InRange(_rig.Workload.LocalLatency.Quantile(0.99), 0, OffloadRig.Patience.TotalSeconds / 4);
    }

    [Fact]
    public async Task A_workload_moves_only_once_the_hub_has_answered_a_rehearsal()
    {
        Assert.True(await _rig.Inference.RehearseAsync(_rig.Question, CancellationToken.None));
        _rig.Hub.Before = _ => throw new RpcException(new Grpc.Core.Status(StatusCode.NotFound, "no such model"));
        Assert.False(await _rig.Inference.RehearseAsync(_rig.Question, CancellationToken.None));
    }

    [Fact]
    public async Task A_reply_that_comes_after_the_device_answered_itself_is_counted_and_not_used()
    {
        // The device answers after three quarters of the deadline: this reply comes between that and the deadline.
        var release = new TaskCompletionSource();
        _rig.Hub.Before = _ => release.Task;
        // Not where the tests run: others there may keep what follows from running in time.
        var answer = await Task.Run(async () =>
        {
            var given = await _rig.TakeAsync();
            release.SetResult();
            return given;
        });

        Assert.Equal(Place.Local, answer.Place);
        await Eventually.True(() => _rig.Workload.IsIdle, "the call's end");
        Assert.Equal(1, _rig.Question.Tally.LateReplies);
        Assert.False(_rig.Queue.Reader.TryRead(out _));
        Assert.Equal(0, _rig.Workload.InferencesHub);
    }

    [Fact]
    public async Task A_refused_window_is_answered_by_the_device_at_once()
    {
        _rig.Hub.Before = _ => throw new RpcException(
            new Grpc.Core.Status(StatusCode.ResourceExhausted, "no room before the deadline"));

        var answer = await _rig.TakeAsync();

        Assert.Equal(Place.Local, answer.Place);
        Assert.True(answer.LatencyMicros < OffloadRig.Patience.TotalMicroseconds / 2, $"{answer.LatencyMicros} µs");
        Assert.True(_rig.Inference.IsReachable);
    }

    [Fact]
    public async Task A_dead_hub_is_left_alone_and_found_again_by_the_probe()
    {
        Assert.Equal(Place.Hub, (await _rig.TakeAsync()).Place);
        await _rig.Hub.StopAsync();

        await Eventually.True(async () =>
        {
            Assert.Equal(Place.Local, (await _rig.TakeAsync()).Place);
            return !_rig.Inference.IsReachable;
        }, "the circuit breaker opens");
        var asked = _rig.Hub.Asked;
        for (var i = 0; i < 20; i++)
            Assert.True((await _rig.TakeAsync()).LatencyMicros < OffloadRig.Patience.TotalMicroseconds / 4);
        Assert.Equal(asked, _rig.Hub.Asked);

        await _rig.Hub.StartAsync();
        await Eventually.True(async () =>
        {
            await _rig.Inference.ProbeAsync(CancellationToken.None);
            return _rig.Inference.IsReachable;
        }, "the probe finds the hub again");
        Assert.Equal(Place.Hub, (await _rig.TakeAsync()).Place);
        Assert.True(_rig.Inference.RttSeconds > 0);
    }

    [Fact]
    public async Task A_stranger_with_another_authority_gets_no_window()
    {
        using var folder = new TempFolder();
        using var stranger = LeptonEdge.Hub.Trust.FleetAuthority.OpenOrCreate(folder.Path, new TenantId("acme"));
        using var channel = _rig.Ask(stranger);

        var result = await channel.AskAsync(
            _rig.Question, _rig.Question.Zeros(), OffloadRig.Patience, CancellationToken.None);

        Assert.IsType<OffloadResult.Unreachable>(result);
        Assert.Equal(0, _rig.Hub.Asked);
    }

    [Fact]
    public async Task Readiness_is_the_hubs_word_on_that_very_model()
    {
        Assert.True(await _rig.Inference.IsReadyAsync(
            new ModelReference("bearing-fault", "1.0.0"), CancellationToken.None));
        Assert.False(await _rig.Inference.IsReadyAsync(new ModelReference("other", "1"), CancellationToken.None));
    }

    [Fact]
    public async Task On_the_device_a_window_allocates_nothing_on_the_sensors_thread()
    {
        _rig.Workload.Route = WorkloadRoute.Local;
        var window = OffloadRig.Window();
        for (var i = 0; i < 50; i++)
            await _rig.TakeAsync();

        var allocated = await Task.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 4; i++)
                _rig.Workload.Take(window, 1, TimeProvider.System.GetTimestamp());
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.Equal(0, allocated);
        await Eventually.True(() => _rig.Workload.InferencesLocal == 54, "every answer");
    }

    public async Task DisposeAsync() => await _rig.DisposeAsync();
}
