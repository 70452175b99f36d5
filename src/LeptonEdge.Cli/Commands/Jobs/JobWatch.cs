using System.Diagnostics;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>Follows one job.</summary>
internal static class JobWatch
{
    public const string Statuses = "Status: 0 done; 5 the hub stays away; 7 it failed, was cancelled or came too late; "
        + "130 you left, and it goes on.";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    // A hub that starts again reads its store first.
    private static readonly TimeSpan AwayMax = TimeSpan.FromMinutes(2);

    /// <summary>Until the job has ended, with a bar on stderr; then tells of it on stdout.</summary>
    /// <returns>The command's exit status.</returns>
    public static async Task<int> RunAsync(
        HubClient client, long id, OutputForm form, CancellationToken cancellation)
    {
        try
        {
            var job = await ProgressBar.RunAsync(tell => FollowAsync(client, id, tell, cancellation));
            JobSheet.Write(form, job);
            return job.Text("state") == "done" ? ExitCodes.Ok : ExitCodes.No;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"job {id} goes on: lepton job watch {id}");
            return ExitCodes.Interrupted;
        }
    }

    private static async Task<JsonElement> FollowAsync(
        HubClient client, long id, Action<string, double> tell, CancellationToken cancellation)
    {
        var heard = Stopwatch.GetTimestamp();
        await using var news = new LiveNews(client, "jobs", cancellation);
        while (true)
        {
            try
            {
                var job = await client.GetAsync($"api/v1/jobs/{id}", cancellation);
                heard = Stopwatch.GetTimestamp();
                if (job.GetProperty("endedMicros").GetInt64() > 0)
                    return job;
                tell($"job {id} {job.GetProperty("state").GetString()}", JobSheet.ShareOf(job));
            }
            catch (HubException fault) when (fault.IsAway && Stopwatch.GetElapsedTime(heard) < AwayMax)
            {
                // It may be about to start again.
            }

            await news.WaitAsync(Pause, Calm, cancellation);
        }
    }
}
