using System.Diagnostics;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Tracing;

namespace LeptonEdge.Sync.Uplink;

/// <summary>What is being gathered of one priority class, and what of it the disk refused.</summary>
internal sealed class OpenBatch(RecordClass recordClass)
{
    public RecordBatch Batch { get; set; } = new(recordClass);

    public long Values { get; set; }

    public long BornAt { get; set; }

    public RecordBatch? Refused { get; set; }

    /// <summary>Spans of the windows whose verdicts are inside; null while none is traced.</summary>
    public List<ActivityContext>? Windows { get; set; }

    public void Link(ActivityContext window)
    {
        Windows ??= [];
        if (Windows.Count < Traces.LinksMax)
            Windows.Add(window);
    }
}
