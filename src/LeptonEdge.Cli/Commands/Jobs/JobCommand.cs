using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton job …</c>: long work on the hub.</summary>
internal static class JobCommand
{
    private const string Path = "api/v1/jobs";

    public static IEnumerable<Command> Verbs() =>
        [JobSubmitCommand.Create(), List(), Show(), Watch(), Wait(), Cancel(), Result()];

    public static Argument<long> Id()
    {
        var id = new Argument<long>("id") { Description = "Number of the job." };
        id.CompletionSources.Add(Completing.Jobs);
        return id;
    }

    private static Command List() => new ListVerb("List jobs, newest first.", JobSheet.Rows, Path)
    {
        Limit = 100,
        Filters =
        [
            Filter.OneOf(
                "--state", "state", "Those alone that are so.", null, "waiting", "running", "done", "failed",
                "cancelled", "expired") with { Field = "state" },
        ],
        None = "no job was submitted",
    }.Create();

    private static Command Show()
    {
        var id = Id();
        return HubVerb.Create("show", "Show one job, and what it found up to now.", [id], async call =>
            JobSheet.Write(
                call.Form, await call.Client.GetAsync($"{Path}/{call.Parsed.GetValue(id)}", call.Cancellation)));
    }

    private static Command Watch()
    {
        var id = Id();
        return HubVerb.Create(
            "watch", "Follow a job to its end, also over a restart of the hub. " + JobWatch.Statuses, [id],
            call => JobWatch.RunAsync(call.Client, call.Parsed.GetValue(id), call.Form, call.Cancellation));
    }

    private static Command Wait()
    {
        var id = Id();
        return WaitVerb.Create(
            "Wait until a job is so far.", "done, running, ended (in whatever way)", "done", "jobs", [id],
            async (call, condition) =>
            {
                if (condition is not ("done" or "running" or "ended"))
                    throw HubException.Usage($"--for: '{condition}' is none of done, running, ended");
                var job = await call.Client.GetAsync($"{Path}/{call.Parsed.GetValue(id)}", call.Cancellation);
                var (state, reason) = (job.Text("state"), job.Text("reason"));
                var ended = job.Long("endedMicros") > 0;
                var now = $"job {job.Text("id")} {state}{(reason.Length > 0 ? $": {reason}" : "")}";
                return new WaitLook(
                    state == condition || (ended && condition == "ended") ? Waiting.Met
                        : ended ? Waiting.Never : Waiting.NotYet, now);
            });
    }

    private static Command Cancel()
    {
        var id = Id();
        return ChangeVerb.Create(
            "cancel", "End a job; what it found by then stays.", [id],
            call => Task.FromResult(new Change(HttpMethod.Post, $"{Path}/{call.Parsed.GetValue(id)}/cancel", new { })),
            JobSheet.Tell);
    }

    private static Command Result()
    {
        var id = Id();
        return HubVerb.Create(
            "result",
            "Write what a job found up to now: csv, a line for each window (also for -o table), or json, a line for "
            + "each window or block of rows.", [id],
            call => call.Form == OutputForm.Yaml
                ? throw HubException.Usage("--output: a result is written as csv or json")
                : JobResult.WriteAsync(
                    call.Client, call.Parsed.GetValue(id), call.Form == OutputForm.Json, Console.Out,
                    call.Cancellation));
    }
}
