using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>From what is kept of a job to what is said of it.</summary>
internal static class JobViews
{
    public const string Rescore = "rescore";
    public const string Model = "model";

    public static Job Of(StoredJob job)
    {
        var content = JobContent.Parser.ParseFrom(job.Content);
        var view = new Job
        {
            Id = job.Id,
            State = (JobStateCode)job.State,
            Kind = job.Kind,
            Model = $"{content.ModelName}/{content.ModelVersion}",
            Priority = (uint)job.Priority,
            SubmittedMicros = job.SubmittedMicros,
            StartedMicros = job.StartedMicros,
            EndedMicros = job.EndedMicros,
            DeadlineMicros = job.DeadlineMicros,
            Done = job.Done,
            Total = job.Total,
            ResultItems = job.Items,
            ResultParts = (uint)job.Parts,
            ResultBytes = job.ResultBytes,
            Reason = job.Reason,
            Request = content.Request,
        };
        if (job.Kind == Rescore)
        {
            view.Rescore = JobCheckpoint.Parser.ParseFrom(job.Checkpoint).Rescore ?? new RescoreSummary();
            (view.Rescore.Source, view.Rescore.Threshold) = (content.Source, content.Threshold);
        }

        return view;
    }
}
