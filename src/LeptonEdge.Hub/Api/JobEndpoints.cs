using Grpc.Core;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Serving;
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
            .AddEndpointFilter(ExplainAsync);
        api.MapGet("", List).Produces<JobList>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Long jobs, newest first.");
        api.MapPost("", SubmitAsync).Audited("job.submit").Produces<JobView>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Submits a job: a channel's history scored again with a model, or rows given to a model.");
        api.MapGet("/{id:long}", Show).Produces<JobView>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One job: its state, how far it is, what it found.");
        api.MapPost("/{id:long}/cancel", Cancel).Audited("job.cancel").Produces<JobView>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Ends a job; what was computed by then stays.");
        api.MapGet("/{id:long}/result", Result).Produces<JobResultView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Windows or rows of a job's result from a number on, also while it runs.");
        api.MapPost("/inputs", Begin).Audited("job.input").Produces<JobInputView>(StatusCodes.Status201Created)
            .WithSummary("Begins an input: rows for a model, to be sent block by block.");
        api.MapPut("/inputs/{id:long}/blocks/{block:int}", Put).Audited("job.block", body: false).Produces<JobInputView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Adds the next block to an input; one that is there already is not added again.");
    }

    private static IResult List(int? limit, long? before, JobDesk desk) =>
        RequestRange.Limit(limit, out var count) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                new JobList([.. desk.List(count, before ?? 0).Select(JobMessages.Of)]), JobJson.Default.JobList);

    private static async Task<IResult> SubmitAsync(
        JobSubmission submission, JobDesk desk, CancellationToken cancellation)
    {
        var job = await desk.SubmitAsync(JobMessages.Of(submission), cancellation).ConfigureAwait(false);
        return Results.Json(
            JobMessages.Of(job), JobJson.Default.JobView, statusCode: StatusCodes.Status201Created);
    }

    private static IResult Show(long id, JobDesk desk) =>
        Results.Json(JobMessages.Of(desk.Get(id)), JobJson.Default.JobView);

    private static IResult Cancel(long id, JobDesk desk) =>
        Results.Json(JobMessages.Of(desk.Cancel(id)), JobJson.Default.JobView);

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

    private static IResult Begin(JobDesk desk) => Results.Json(
        JobMessages.Of(desk.BeginInput()), JobJson.Default.JobInputView, statusCode: StatusCodes.Status201Created);

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
