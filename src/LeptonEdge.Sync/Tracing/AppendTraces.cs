using System.Diagnostics;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;

namespace LeptonEdge.Sync.Tracing;

/// <summary>The spans of one append. A batch holds the verdicts of many windows: its span is a child of the first
/// that is traced, and links to the others.</summary>
internal static class AppendTraces
{
    /// <param name="windows">Of the batch; null when none of them is traced.</param>
    public static Activity? Begin(RecordBatch batch, List<ActivityContext>? windows)
    {
        if (!Traces.On)
            return null;
        // Windows that were not sampled have had their chance; a batch without any draws for itself.
        if (windows is null && batch.Verdicts.Count > 0)
            return null;
        var span = Traces.Begin(
            "outbox append", ActivityKind.Internal, windows is { Count: > 0 } ? windows[0] : default,
            windows is { Count: > 1 } ? windows.Skip(1).Select(window => new ActivityLink(window)) : null);
        span?.SetTag("lepton.batch.class", batch.Class.ToString()).SetTag("lepton.batch.records", batch.Count);
        return span;
    }

    public static void End(Activity? span, in BatchName name, int sealedBytes, BatchTraces? traces)
    {
        if (span is null)
            return;
        span.SetTag("lepton.device", name.Device.Value).SetTag("lepton.batch.sequence", (long)name.Sequence)
            .SetTag("lepton.batch.bytes", sealedBytes);
        span.Stop();
        traces?.Add(name.Epoch, name.Sequence, span.Context);
    }
}
