using System.Runtime.InteropServices;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving;

/// <summary>Who runs when, with whom, and who is refused.</summary>
public sealed class SchedulerTests : IDisposable
{
    private static readonly ServingOptions s_options = new()
    {
        ServerName = "test", ServerVersion = "1", Workers = 1, QueueMax = 4, BatchMax = 8,
    };

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly ServedModel _model;

    public SchedulerTests() => _model = Load("free", ("x", TensorType.Float32, [null, 2]));

    public void Dispose()
    {
        _model.Leave();
        _folder.Dispose();
    }

    [Fact]
    public void The_most_urgent_runs_first_and_among_equals_each_caller_in_turn()
    {
        var queue = new CallQueue();
        foreach (var (caller, priority) in new[] { ("a", 5), ("a", 5), ("a", 5), ("b", 5), ("c", 9), ("d", 1) })
            queue.Add(Call(caller, priority));
        var order = new List<string>();
        while (queue.Count > 0)
            order.Add(Assert.Single(queue.Take(rowsMax: 1)).Caller);
        Assert.Equal("d", order[0]);
        // Behind three runs of more urgency.
        Assert.Equal(3, order.IndexOf("c"));
        Assert.True(order.IndexOf("b") <= 2, string.Join(" ", order));
    }

    [Fact]
    public void Time_is_what_callers_share_not_requests()
    {
        var queue = new CallQueue();
        for (var i = 0; i < 40; i++)
        {
            queue.Add(Call("long", 5, cost: 0.010));
            queue.Add(Call("short", 5, cost: 0.001));
        }

        var first = Enumerable.Range(0, 22).Select(_ => queue.Take(1)[0].Caller).ToList();
        Assert.InRange(first.Count(caller => caller == "short"), 15, 21);
    }

    [Fact]
    public void What_waits_for_one_model_runs_as_one_from_every_caller()
    {
        var queue = new CallQueue();
        for (var i = 0; i < 8; i++)
            queue.Add(Call("many", 5));
        queue.Add(Call("one", 5));
        queue.Add(Call("late", 9));
        var batch = queue.Take(rowsMax: 8);
        Assert.Equal(8, batch.Count);
        Assert.Contains(batch, call => call.Caller == "one");
        Assert.DoesNotContain(batch, call => call.Caller == "late");
        Assert.Equal(2, queue.Take(rowsMax: 8).Count);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Other_models_other_outputs_and_other_shapes_run_apart()
    {
        var other = Load("other", ("x", TensorType.Float32, [null, null]));
        var queue = new CallQueue();
        queue.Add(Call("a", 5));
        queue.Add(Call("b", 5, model: other));
        queue.Add(Call("c", 5, model: other, width: 3));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Single(queue.Take(rowsMax: 8)));
        other.Leave();
    }

    [Fact]
    public async Task A_batch_answers_each_request_with_its_own_rows()
    {
        var calls = Enumerable.Range(0, 5).Select(i => Call("a", 5, rows: 1 + i % 3, from: 100 * i)).ToList();
        BatchRun.Execute(calls, _clock);
        AnswerRound.Tell(calls);
        foreach (var call in calls)
        {
            var output = Assert.Single(await call.Answer);
            Assert.Equal([call.Rows, 2], output.Shape);
            Assert.True(output.Data.Span.SequenceEqual(call.Inputs[0].Data.Span));
        }

        Assert.Equal(1, _model.Counters.Read().Counts.Executions);
    }

    [Fact]
    public async Task A_deadline_that_cannot_be_met_is_refused_at_once_with_the_time_to_try_again()
    {
        var scheduler = new InferenceScheduler(s_options, _clock);
        var late = Call("a", 5, cost: 0.010, deadline: TimeSpan.FromMilliseconds(5));
        var refused = await Assert.ThrowsAsync<ServingException>(() => scheduler.RunAsync(late, default).AsTask());
        Assert.Equal(StatusCode.ResourceExhausted, refused.Status);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
        var passed = Call("a", 5, deadline: TimeSpan.Zero);
        refused = await Assert.ThrowsAsync<ServingException>(() => scheduler.RunAsync(passed, default).AsTask());
        Assert.Equal(StatusCode.DeadlineExceeded, refused.Status);
        await scheduler.RunAsync(Call("a", 5, cost: 0.010, deadline: TimeSpan.FromMilliseconds(11)), default);
        Assert.Equal(0, scheduler.Inside);
    }

    [Fact]
    public void A_newcomer_waits_for_its_share_not_for_all_that_another_has_queued()
    {
        var queue = new CallQueue();
        for (var i = 0; i < 100; i++)
            queue.Add(Call("flood", 5, cost: 0.010));
        Assert.Equal(0.010, queue.SecondsBefore("calm", 5, cost: 0.010), 6);
        Assert.Equal(1.0, queue.SecondsBefore("flood", 5, cost: 0.010), 6);
        Assert.Equal(0, queue.SecondsBefore("urgent", 1, cost: 0.010), 6);
        // Three runs by urgency, then whoever has waited longest.
        Assert.Equal(0.030, queue.SecondsBefore("patient", 9, cost: 0.010), 6);
    }

    [Fact]
    public void Who_fills_the_queue_makes_room_for_who_does_not()
    {
        var queue = new CallQueue();
        for (var i = 0; i < 3; i++)
            queue.Add(Call("flood", 5));
        queue.Add(Call("calm", 5));
        Assert.Equal("flood", queue.GreedierThan("new", 5)?.Caller);
        Assert.Null(queue.GreedierThan("flood", 5));
        Assert.Equal("flood", queue.GreedierThan("new", 9)?.Caller);
        queue.Add(Call("calm", 5));
        queue.Add(Call("calm", 5));
        Assert.Null(queue.GreedierThan("new", 9));
        Assert.Null(queue.GreedierThan("calm", 5));
        queue.Add(Call("flood", 5));
        queue.Add(Call("flood", 5));
        var displaced = queue.GreedierThan("calm", 5)!;
        Assert.True(queue.Remove(displaced));
        Assert.False(queue.Remove(displaced));
        Assert.Equal(7, queue.Count);
    }

    [Fact]
    public void Urgency_does_not_starve_who_is_in_no_hurry()
    {
        var queue = new CallQueue();
        for (var i = 0; i < 90; i++)
            queue.Add(Call("flood", 1 + i % 9));
        queue.Add(Call("calm", 9));
        var before = 0;
        while (queue.Take(rowsMax: 1)[0].Caller != "calm")
            queue.Add(Call("flood", 1 + before++ % 9));
        Assert.Equal(3, before);
    }

    [Fact]
    public async Task Whoever_leaves_the_queue_is_not_run()
    {
        var scheduler = new InferenceScheduler(s_options, _clock);
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scheduler.RunAsync(Call("a", 5), left.Token).AsTask());
        Assert.Equal(0, _model.Counters.Read().Counts.Executions);
        Assert.Equal(0, scheduler.Inside);
    }

    [Fact]
    public async Task Many_callers_at_once_are_all_answered_rightly()
    {
        var options = s_options with { QueueMax = 4096, Workers = 2 };
        var scheduler = new InferenceScheduler(options, TimeProvider.System);
        var answers = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => Task.Run(async () =>
        {
            var call = Call($"device-{i % 17}", 1 + i % 9, rows: 1 + i % 3, from: i);
            var output = Assert.Single(await scheduler.RunAsync(call, default));
            return output.Data.Span.SequenceEqual(call.Inputs[0].Data.Span);
        })));
        Assert.All(answers, Assert.True);
        Assert.Equal(0, scheduler.Inside);
        Assert.InRange(_model.Counters.Read().Counts.Executions, 1, 2_000);
    }

    [Fact]
    public async Task Without_workers_everything_is_refused()
    {
        var scheduler = new InferenceScheduler(s_options with { Workers = 0 }, _clock);
        var refused = await Assert.ThrowsAsync<ServingException>(
            () => scheduler.RunAsync(Call("a", 5), default).AsTask());
        Assert.Equal(StatusCode.ResourceExhausted, refused.Status);
    }

    private PendingCall Call(
        string caller, int priority, double cost = 0.001, int rows = 1, int width = 2, float from = 0,
        TimeSpan? deadline = null, ServedModel? model = null)
    {
        var values = Enumerable.Range(0, rows * width).Select(i => from + i).ToArray();
        var input = new Tensor
        {
            Name = "x",
            Type = TensorType.Float32,
            Shape = [rows, width],
            Data = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
        return new PendingCall(model ?? _model, [input], ["out_x"], rows, caller, priority)
        {
            Cost = cost,
            DeadlineAt = deadline is { } left
                ? _clock.GetTimestamp() + (long)(left.TotalSeconds * _clock.TimestampFrequency)
                : long.MaxValue,
        };
    }

    private ServedModel Load(string name, params (string, TensorType, object?[])[] tensors)
    {
        var folder = _folder.File(name);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), IdentityOnnx.Write(tensors));
        return ModelLoader.Load(name, "1", folder, s_options, TimeProvider.System);
    }
}
