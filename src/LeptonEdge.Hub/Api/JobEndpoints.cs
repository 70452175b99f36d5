using System.Globalization;
using Grpc.Core;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>Long jobs, over REST.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/jobs").AddEndpointFilter<RouteGroupBuilder, StoreGate>()
            .AddEndpointFilter(ExplainAsync).NeedsAllSites();
        api.MapGet("", List).Is("listJobs", Tags.Jobs, "Long jobs, newest first.").Gives<Page<JobView>>();
        api.MapPost("", SubmitAsync).Creates().Audited("job.submit")
            .Is("submitJob", Tags.Jobs,
                "Submits a job: a channel's history scored again with a model, or rows given to a model.")
            .Gives<JobView>(StatusCodes.Status201Created)
            .Fails(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
        api.MapGet("/{id:long}", Show)
            .Is("getJob", Tags.Jobs, "One job: its state, how far it is, what it found.").Gives<JobView>();
        api.MapPost("/{id:long}/cancel", Cancel).Audited("job.cancel")
            .Is("cancelJob", Tags.Jobs, "Ends a job; what was computed by then stays.").Gives<JobView>();
        api.MapGet("/{id:long}/result", Result)
            .Is("readJobResult", Tags.Jobs, "Windows or rows of a job's result from a number on, also while it runs.")
            .Gives<JobResultView>();
        api.MapPost("/inputs", Begin).Creates().Audited("job.input")
            .Is("beginJobInput", Tags.Jobs, "Begins an input: rows for a model, to be sent block by block.")
            .Gives<JobInputView>(StatusCodes.Status201Created);
        api.MapPut("/inputs/{id:long}/blocks/{block:int}", Put).Audited("job.block", body: false)
            .Is("putJobInputBlock", Tags.Jobs,
                "Adds the next block to an input; one that is there already is not added again.")
            .Gives<JobInputView>().Fails(StatusCodes.Status409Conflict);
    }

    private static IResult List([AsParameters] PageQuery query, JobDesk desk)
    {
        const string Scope = "jobs";
        return StoredPage.Read(query, Scope, out var page) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                StoredPage.Of(desk.Newest(page.Limit + 1, page.Before), page.Limit, Scope, job => job.Id, JobMessages.Of),
                JobJson.Default.PageJobView);
    }

    private static async Task<IResult> SubmitAsync(
        JobSubmission submission, JobDesk desk, HttpContext context, CancellationToken cancellation)
    {
        var note = context.AuditNote();
        note.Said = said => note.Target = (said as JobAdded.Added)?.Job.Id.ToString(CultureInfo.InvariantCulture);
        note.Answer = static said => said is JobAdded.Added { Job: var added }
            ? KeyClaim.Json(JobMessages.Of(JobViews.Of(added)), JobJson.Default.JobView, StatusCodes.Status201Created)
            : null;
        var job = await desk.SubmitAsync(JobMessages.Of(submission), cancellation).ConfigureAwait(false);
        return Results.Json(
            JobMessages.Of(job), JobJson.Default.JobView, statusCode: StatusCodes.Status201Created);
    }

    private static IResult Show(long id, JobDesk desk) =>
        Results.Json(JobMessages.Of(desk.Get(id)), JobJson.Default.JobView);

    private static IResult Cancel(long id, JobDesk desk, HttpContext context)
    {
        var note = context.AuditNote();
        note.Before = new AuditedJob(JobMessages.NameOf(desk.Get(id).State));
        note.After = new AuditedJob(JobMessages.NameOf(JobStateCode.Cancelled));
        return Results.Json(JobMessages.Of(desk.Cancel(id)), JobJson.Default.JobView);
    }

    private static IResult Result(long id, long? from, int? limit, JobDesk desk)
    {
        if (RequestRange.Limit(limit, out var count) is { } fault)
            return Problems.BadRequest(fault);
        var at = from ?? 0;
        if (at < 0)
            return Problems.BadRequest($"from: {at}; give the number of a window or row, 0 for the first");
        var (job, windows, rows) = (desk.Get(id), new List<WindowScoreView>(), new List<RowsView>());
        var next = at;
        // A block of rows may be as large as a message: one answer holds one.
        while (windows.Count < count && rows.Count == 0 && desk.PartOf(id, next) is { } part)
        {
            if (part.Windows is { } scores)
            {
                windows.AddRange(
                    JobMessages.Of(scores).Skip((int)(next - part.FirstItem)).Take(count - windows.Count));
                next = at + windows.Count;
            }
            else
            {
                var block = JobMessages.Of(part.FirstItem, part.Rows);
                rows.Add(block);
                next = part.FirstItem + Math.Max(block.Tensors[0].Shape.FirstOrDefault(1), 1);
            }
        }

        return Results.Json(
            new JobResultView(
                id, JobMessages.NameOf(job.State), at, next < job.ResultItems ? next : null, windows, rows),
            JobJson.Default.JobResultView);
    }

    private static IResult Begin(JobDesk desk, HttpContext context)
    {
        var note = context.AuditNote();
        note.Said = said => note.Target = (said as StoredJobInput)?.Id.ToString(CultureInfo.InvariantCulture);
        note.Answer = static said => said is StoredJobInput begun
            ? KeyClaim.Json(JobMessages.Of(JobDesk.View(begun)), JobJson.Default.JobInputView, StatusCodes.Status201Created)
            : null;
        return Results.Json(
            JobMessages.Of(desk.BeginInput()), JobJson.Default.JobInputView, statusCode: StatusCodes.Status201Created);
    }

    private static IResult Put(long id, int block, BlockView body, JobDesk desk) => Results.Json(
        JobMessages.Of(desk.AddBlock(id, block, JobMessages.Of(body.Tensors ?? []))), JobJson.Default.JobInputView);

    private static async ValueTask<object?> ExplainAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            return refused.Status switch
            {
                StatusCode.NotFound => Problems.NotFound(refused.Message),
                StatusCode.AlreadyExists or StatusCode.FailedPrecondition => Problems.Conflict(refused.Message),
                StatusCode.ResourceExhausted => Problems.TooMany(refused.Message),
                _ => Problems.BadRequest(refused.Message),
            };
        }
    }
}
