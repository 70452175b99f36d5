using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

// Long jobs, as the API takes and tells them. Times are microseconds since 1970-01-01 UTC.

/// <summary>A job to be done: one of <paramref name="Rescore"/> and <paramref name="Model"/>.</summary>
/// <param name="DeadlineSeconds">From now; 0 for no deadline.</param>
/// <param name="Priority">Among jobs: 1, the most urgent, to 10; 0 for 5.</param>
/// <param name="IdempotencyKey">Submitting again with the same key and work gives the job that is there.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record JobSubmission(
    RescoreView? Rescore = null, ModelJobView? Model = null, double DeadlineSeconds = 0, uint Priority = 0,
    string? IdempotencyKey = null);

/// <summary>Gives the stored history of one channel to a model, window by window.</summary>
/// <param name="Model">NAME or NAME/VERSION.</param>
/// <param name="FromMicros">Device time, [from, to); 0 for no limit.</param>
/// <param name="Hop">Samples from one window to the next; 0 for the window's length.</param>
/// <param name="Source"><c>any</c>, <c>readings</c> or <c>raw_windows</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RescoreView(
    string Device, string Channel, string Model, long FromMicros = 0, long ToMicros = 0, uint Hop = 0,
    string Source = "any");

/// <summary>Gives rows to a model: inline, or those of an input that was sent before.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ModelJobView(string Model, IReadOnlyList<TensorView>? Tensors = null, long? Input = null);

/// <summary>Rows of one of a model's inputs or outputs, as the Open Inference Protocol has them.</summary>
/// <param name="Raw">The elements, base64.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TensorView(string Name, string Datatype, IReadOnlyList<long> Shape, byte[] Raw);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BlockView(IReadOnlyList<TensorView> Tensors);

public sealed record JobInputView(long Id, uint Blocks, long Rows, long Bytes);

/// <param name="State"><c>waiting</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c> or
/// <c>expired</c>.</param>
/// <param name="Kind"><c>rescore</c> or <c>model</c>.</param>
/// <param name="Done">Readings or rows, of about <paramref name="Total"/>.</param>
/// <param name="ResultItems">Windows or rows in the result.</param>
/// <param name="Reason">Why it ended as it did.</param>
public sealed record JobView(
    long Id, string State, string Kind, string Model, string? Device, string? Channel, uint Priority,
    long SubmittedMicros, long StartedMicros, long EndedMicros, long DeadlineMicros, long Done, long Total,
    long ResultItems, long ResultBytes, string Reason, RescoreFindings? Findings);

/// <summary>What a rescore found up to now; scores are null while there is none.</summary>
/// <param name="Invalid">Windows that the model was not asked about, for NaN or infinity in them.</param>
/// <param name="Source"><c>readings</c> or <c>raw_windows</c>.</param>
public sealed record RescoreFindings(
    long Windows, long Invalid, long AboveThreshold, float Threshold, double? ScoreMin, double? ScoreMean,
    double? ScoreMax, IReadOnlyDictionary<string, long> Labels, string Source);

/// <summary>Some of a result.</summary>
/// <param name="Next">Where to go on; null when there is no more up to now.</param>
public sealed record JobResultView(
    long Id, string State, long From, long? Next, IReadOnlyList<WindowScoreView> Windows,
    IReadOnlyList<RowsView> Rows);

/// <param name="TimeMicros">Device time of the window's last sample.</param>
/// <param name="Score">Null where the model gave none.</param>
public sealed record WindowScoreView(long TimeMicros, string Label, double? Score);

/// <param name="First">Number of the block's first row.</param>
public sealed record RowsView(long First, IReadOnlyList<TensorView> Tensors);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobSubmission))]
[JsonSerializable(typeof(BlockView))]
[JsonSerializable(typeof(JobInputView))]
[JsonSerializable(typeof(Page<JobView>))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobResultView))]
internal sealed partial class JobJson : JsonSerializerContext;
