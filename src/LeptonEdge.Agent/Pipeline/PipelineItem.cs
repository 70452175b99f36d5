using System.Diagnostics;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Records;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>What a stage before the decision hands over.</summary>
public enum PipelineItemKind : byte
{
    /// <summary>One reading of a channel that goes up as it is.</summary>
    Reading,

    /// <summary>A block of samples that goes up as it is, in a rented array.</summary>
    Block,

    /// <summary>Mean, minimum and maximum of an interval.</summary>
    Summary,

    /// <summary>Statistics of a window.</summary>
    Statistics,

    /// <summary>A verdict on a window.</summary>
    Answer,

    /// <summary>A window that no model was asked about, because samples in it are NaN or infinite.</summary>
    Invalid,

    /// <summary>A raw window that an alarm asked for.</summary>
    Raw,
}

/// <summary>One item of the queue between the threads that measure and infer, and the one that decides and records.
/// A value, so that passing it on allocates nothing.</summary>
public readonly record struct PipelineItem
{
    public PipelineItemKind Kind { get; init; }

    public ChannelRuntime? Channel { get; init; }

    public WorkloadRunner? Workload { get; init; }

    public RecordClass Class { get; init; }

    public long TimeMicros { get; init; }

    public double Value { get; init; }

    /// <summary>Of <see cref="PipelineItemKind.Block"/>: rented from the shared pool.</summary>
    public float[]? Samples { get; init; }

    /// <summary>Samples of the block, invalid samples of the window.</summary>
    public int Count { get; init; }

    public IntervalSummary Summary { get; init; }

    public WindowStatistics Statistics { get; init; }

    public Finding Finding { get; init; }

    /// <summary>The model that answered.</summary>
    public ModelReference Model { get; init; }

    public Place Place { get; init; }

    public int LatencyMicros { get; init; }

    public bool Late { get; init; }

    public RawWindow? Raw { get; init; }

    /// <summary>The span of an answer's window; null when it is not traced.</summary>
    public Activity? Trace { get; init; }
}
