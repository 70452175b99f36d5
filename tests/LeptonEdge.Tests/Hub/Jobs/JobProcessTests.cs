using System.Diagnostics;
using System.Globalization;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;
using JobsClient = LeptonEdge.Protocol.V1.Jobs.JobsClient;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>The process that runs jobs, and what becomes of a job when it dies.</summary>
public sealed class JobProcessTests(JobsHub jobs) : IClassFixture<JobsHub>
{
    private const uint Hop = 8;

    [Fact]
    public async Task A_job_whose_process_is_killed_goes_on_in_a_new_one_with_the_same_result()
    {
        var client = jobs.Operator;
        var untouched = await RunAsync(client);
        var job = await client.SubmitAsync(JobsHub.Rescore("bearing-fault-large", hop: Hop));
        await Eventually.True(
            async () => (await client.GetAsync(new JobReference { Id = job.Id })).ResultParts > 0, "it is under way");
        await Eventually.True(() => Workers().Any(Kill), "its process was killed");
        var done = (await JobsHub.FollowAsync(client, job.Id))[^1];
        Assert.True(done.State == JobStateCode.Done, done.Reason);
        Assert.Equal(untouched.Rescore, done.Rescore);
        Assert.Equal(await ScoresAsync(untouched.Id), await ScoresAsync(done.Id));
    }

    [Fact]
    public async Task A_job_whose_process_dies_again_and_again_fails_with_the_reason_and_the_hub_goes_on()
    {
        var client = jobs.Operator;
        var job = await client.SubmitAsync(JobsHub.Rescore("bearing-fault-large", hop: 1));
        var killed = 0;
        await Eventually.True(
            async () =>
            {
                killed += Workers().Count(Kill);
                return (await client.GetAsync(new JobReference { Id = job.Id })).State > JobStateCode.Running;
            },
            "the job has ended");
        var ended = await client.GetAsync(new JobReference { Id = job.Id });
        Assert.Equal(JobStateCode.Failed, ended.State);
        Assert.Contains("3 times over the same stretch, the last time with status 137", ended.Reason);
        Assert.True(killed >= 3, $"{killed} were killed");
        Assert.Equal(JobStateCode.Done, (await RunAsync(client)).State);
    }

    [Fact]
    public async Task A_cancelled_job_leaves_no_process_behind()
    {
        var client = jobs.Operator;
        var job = await client.SubmitAsync(JobsHub.Rescore("bearing-fault-large", hop: 1));
        await Eventually.True(() => Workers().Any(), "its process runs");
        var cancelled = await client.CancelAsync(new JobReference { Id = job.Id });
        Assert.Equal(JobStateCode.Cancelled, cancelled.State);
        await Eventually.True(() => !Workers().Any(), "its process is gone");
    }

    [Fact]
    public async Task The_process_runs_only_when_nothing_else_wants_the_core_and_within_its_memory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using var worker = Start(new JobsOptions());
        // It answers: so it has taken its limits.
        Assert.NotNull(await worker.AnswerAsync(new JobTask { Content = new JobContent() }, CancellationToken.None));
        foreach (var thread in Directory.GetDirectories($"/proc/{worker.Id}/task"))
        {
            // The 41st field, counted from the end of the name, which may hold blanks.
            var fields = (await File.ReadAllTextAsync($"{thread}/stat")).Split(") ")[^1].Split(' ');
            Assert.Equal("5", fields[38]); // SCHED_IDLE
        }

        Assert.Equal("1000", (await File.ReadAllTextAsync($"/proc/{worker.Id}/oom_score_adj")).Trim());
        var limits = await File.ReadAllLinesAsync($"/proc/{worker.Id}/limits");
        Assert.Contains(
            new JobsOptions().WorkerBytesMax.ToString(CultureInfo.InvariantCulture),
            limits.Single(line => line.StartsWith("Max data size", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_process_that_needs_more_memory_than_it_may_have_says_so()
    {
        await using var worker = Start(new JobsOptions { WorkerBytesMax = 4 << 20 });
        Assert.Null(await worker.AnswerAsync(new JobTask { Content = new JobContent() }, CancellationToken.None));
        Assert.Contains("0x8007000E", await worker.EndAsync()); // out of memory
    }

    private async Task<Job> RunAsync(JobsClient client)
    {
        var job = await client.SubmitAsync(JobsHub.Rescore("bearing-fault-large", hop: Hop));
        return (await JobsHub.FollowAsync(client, job.Id))[^1];
    }

    private async Task<List<(long Time, float Score)>> ScoresAsync(long id)
    {
        var parts = await JobsHub.ResultAsync(jobs.Operator, id);
        return [.. parts.SelectMany(part => part.Windows.TimeMicros.Zip(part.Windows.Scores))];
    }

    private WorkerProcess Start(JobsOptions options) => WorkerProcess.Start(new WorkerOrder(
        Path.Combine(jobs.Hub.DataFolder, "hub.db"), "", HubUnderTest.Tenant, options.WorkerBytesMax,
        CallBoard.NoDescriptor, options.Quiet, options.ShareMin));

    /// <summary>The processes that run jobs of this test's hub.</summary>
    private IEnumerable<Process> Workers() => Process.GetProcesses().Where(process =>
    {
        try
        {
            var line = File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0');
            return line.Contains(WorkerOrder.Argument) && line.Contains(Path.Combine(jobs.Hub.DataFolder, "hub.db"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private static bool Kill(Process process)
    {
        using (process)
        {
            process.Kill();
            return true;
        }
    }
}
