using Google.Protobuf;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;

namespace LeptonEdge.Hub.Api;

/// <summary>Between the API's own words for jobs and the messages of gRPC.</summary>
internal static class JobMessages
{
    private static readonly (HistorySource Code, string Name)[] Sources =
    [
        (HistorySource.Any, "any"), (HistorySource.Readings, "readings"), (HistorySource.RawWindows, "raw_windows"),
    ];

    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public static SubmitJobRequest Of(JobSubmission submission)
    {
        if (submission is { Rescore: not null, Model: not null })
            throw ServingException.Invalid("model: was given beside rescore; give one of them");
        var request = new SubmitJobRequest
        {
            DeadlineSeconds = submission.DeadlineSeconds,
            Priority = submission.Priority,
            IdempotencyKey = submission.IdempotencyKey ?? "",
        };
        if (submission.Rescore is { } rescore)
            request.Rescore = Of(rescore);
        if (submission.Model is { } model)
            request.Model = Of(model);
        return request;
    }

    public static TensorBlock Of(IReadOnlyList<TensorView> tensors) => new()
    {
        Tensors =
        {
            tensors.Select((tensor, at) => tensor ?? throw ServingException.Invalid($"tensors[{at}]: null is none"))
                .Select(tensor => new NamedTensor
            {
                Name = tensor.Name ?? "", Datatype = tensor.Datatype ?? "", Shape = { tensor.Shape ?? [] },
                Raw = UnsafeByteOperations.UnsafeWrap(tensor.Raw ?? []),
            }),
        },
    };

    public static JobInputView Of(JobInput input) => new(input.Id, input.Blocks, input.Rows, input.Bytes);

    public static JobView Of(Job job) => new(
        job.Id, NameOf(job.State), job.Kind, job.Model, job.Request.Rescore?.Device, job.Request.Rescore?.Channel,
        job.Priority, job.SubmittedMicros, job.StartedMicros, job.EndedMicros, job.DeadlineMicros, job.Done, job.Total,
        job.ResultItems, job.ResultBytes, job.Reason, job.Rescore is { } found ? Of(found) : null);

    public static IEnumerable<WindowScoreView> Of(WindowScores windows) => windows.Scores.Select((score, i) =>
        new WindowScoreView(
            windows.TimeMicros[i], windows.LabelNames[(int)windows.Labels[i]], Views.Finite(score)));

    public static RowsView Of(long first, TensorBlock rows) => new(
        first, [.. rows.Tensors.Select(t => new TensorView(t.Name, t.Datatype, [.. t.Shape], t.Raw.ToByteArray()))]);

    public static string NameOf(JobStateCode state) => state.ToString().ToLowerInvariant();

    private static RescoreJob Of(RescoreView rescore)
    {
        var source = Array.Find(Sources, known => known.Name == rescore.Source);
        return source.Name is null
            ? throw ServingException.Invalid(
                $"rescore.source: '{ServingException.Short(rescore.Source ?? "")}'; give any, readings or raw_windows")
            : new RescoreJob
            {
                Device = rescore.Device ?? "", Channel = rescore.Channel ?? "", Model = rescore.Model ?? "",
                FromMicros = rescore.FromMicros, ToMicros = rescore.ToMicros, Hop = rescore.Hop, Source = source.Code,
            };
    }

    private static ModelJob Of(ModelJobView model)
    {
        if (model is { Tensors: not null, Input: not null })
            throw ServingException.Invalid("model.input: was given beside model.tensors; give one of them");
        var job = new ModelJob { Model = model.Model ?? "" };
        if (model.Tensors is { } tensors)
            job.Inline = Of(tensors);
        if (model.Input is { } input)
            job.Reference = input;
        return job;
    }

    private static RescoreFindings Of(RescoreSummary found)
    {
        var unknown = found.Labels.Where(count => count.Label == Inference.Bundles.ScoreRule.Unknown)
            .Sum(count => count.Windows);
        var scored = found.Windows - unknown;
        double? Score(double value) => scored > 0 ? value : null;
        return new RescoreFindings(
            found.Windows, found.Invalid, found.AboveThreshold, found.Threshold, Score(found.ScoreMin),
            Score(found.ScoreSum / Math.Max(scored, 1)), Score(found.ScoreMax),
            found.Labels.ToDictionary(count => count.Label, count => count.Windows),
            Array.Find(Sources, known => known.Code == found.Source).Name);
    }
}
