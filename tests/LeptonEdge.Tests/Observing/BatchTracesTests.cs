using System.Buffers;
using System.Diagnostics;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Tracing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Observing;

public sealed class BatchTracesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    // Somebody must want spans; of this test's own source alone, so that no other test is slowed down.
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name == Traces.SourceName,
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None,
    };

    public BatchTracesTests() => ActivitySource.AddActivityListener(_listener);

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_batchs_trace_is_there_after_the_next_start_and_its_file_has_the_layout_it_always_had()
    {
        var (context, epoch, sequence) = (Context(), 0ul, 0ul);
        using (var outbox = Open())
        {
            (sequence, epoch) = (Append(outbox), outbox.Epoch);
            new BatchTraces(outbox).Add(epoch, sequence, context);
        }

        using (var outbox = Open())
        {
            var found = new BatchTraces(outbox).Find(epoch, sequence);
            Assert.Equal((context.TraceId, context.SpanId), (found.TraceId, found.SpanId));
            Assert.Equal(ActivityTraceFlags.Recorded, found.TraceFlags);
            Assert.Equal(default, new BatchTraces(outbox).Find(epoch, sequence + 1));
            Assert.Equal(default, new BatchTraces(outbox).Find(epoch + 1, sequence));
            Assert.Null(outbox.SetAside);
        }
    }

    [Fact]
    public void Only_the_newest_are_remembered_and_none_that_the_hub_has()
    {
        using var outbox = Open();
        var traces = new BatchTraces(outbox);
        var contexts = Enumerable.Range(0, BatchTraces.BatchesMax + 10).Select(_ => Context()).ToList();
        var first = 0ul;
        foreach (var context in contexts)
        {
            var sequence = Append(outbox);
            first = first == 0 ? sequence : first;
            traces.Add(outbox.Epoch, sequence, context);
        }

        Assert.Equal(default, traces.Find(outbox.Epoch, first + 9));
        Assert.Equal(contexts[10].SpanId, traces.Find(outbox.Epoch, first + 10).SpanId);
        Assert.Equal(contexts[^1].SpanId, traces.Find(outbox.Epoch, outbox.LastSequence).SpanId);

        outbox.Trim(outbox.Epoch, outbox.LastSequence, 0);
        traces.Add(outbox.Epoch, Append(outbox), contexts[0]);
        Assert.Equal(default, new BatchTraces(outbox).Find(outbox.Epoch, outbox.LastSequence - 1));
        Assert.Equal(contexts[0].SpanId, new BatchTraces(outbox).Find(outbox.Epoch, outbox.LastSequence).SpanId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void What_is_kept_and_makes_no_sense_is_forgotten(int bytes)
    {
        using var outbox = Open();
        var sequence = Append(outbox);
        outbox.State.Set("traces", new byte[bytes]);
        var traces = new BatchTraces(outbox);
        Assert.Equal(default, traces.Find(outbox.Epoch, sequence));
        var context = Context();
        traces.Add(outbox.Epoch, sequence, context);
        Assert.Equal(context.SpanId, new BatchTraces(outbox).Find(outbox.Epoch, sequence).SpanId);
    }

    private Outbox Open() => Outbox.Open(
        new OutboxOptions
        {
            Path = _folder.File("outbox.db"),
            SealGap = static (_, _, _, _, _) => throw new InvalidOperationException("nothing is shed here"),
        },
        TimeProvider.System);

    private static ulong Append(Outbox outbox) =>
        outbox.Append(RecordClass.Event, 1, static (_, _, output) => BuffersExtensions.Write(output, new byte[64]));

    private static ActivityContext Context() => new(
        ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
}
