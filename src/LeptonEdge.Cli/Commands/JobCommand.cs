using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton job …</c>: long work on the hub.</summary>
internal static class JobCommand
{
    public static Command Create() => new("job", "Long work on the hub, beside what devices ask of it.")
    {
        JobSubmitCommand.Create(), List(), Watch(), Cancel(), Result(),
    };

    public static Argument<long> Id() => new("id") { Description = "Number of the job." };

    private static Command List()
    {
        var hub = new HubOptions();
        var limit = new Option<int>("--limit")
            { Description = "At most so many, the newest.", DefaultValueFactory = _ => 100 };
        var command = new Command("list", "Show jobs, newest first.") { limit };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var list = await client.GetAsync($"api/v1/jobs?limit={parsed.GetValue(limit)}", cancellation);
            return hub.WantsJson(parsed) ? Print.Json(list) : JobTable.Write(list.GetProperty("jobs"));
        }));
        return command;
    }

    private static Command Watch()
    {
        var (hub, id) = (new HubOptions(), Id());
        var command = new Command(
            "watch", "Follow a job to its end, also over a restart of the hub. " + JobWatch.Statuses) { id };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            return await JobWatch.RunAsync(client, parsed.GetValue(id), hub.WantsJson(parsed), cancellation);
        }));
        return command;
    }

    private static Command Cancel()
    {
        var (hub, id) = (new HubOptions(), Id());
        var command = new Command("cancel", "End a job; what it found by then stays.") { id };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            var job = await client.PostAsync(
                $"api/v1/jobs/{parsed.GetValue(id)}/cancel", new { }, cancellation);
            return hub.WantsJson(parsed) ? Print.Json(job) : JobTable.Tell(job);
        }));
        return command;
    }

    private static Command Result()
    {
        var (hub, id) = (new HubOptions(withCsv: true), Id());
        var command = new Command(
            "result",
            "Write what a job found up to now: csv, a line for each window (also for -o table), or json, a line for "
            + "each window or block of rows.") { id };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed);
            return await JobResult.WriteAsync(
                client, parsed.GetValue(id), hub.WantsJson(parsed), Console.Out, cancellation);
        }));
        return command;
    }
}
