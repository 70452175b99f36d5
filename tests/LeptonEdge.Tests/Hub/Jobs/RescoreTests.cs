using Grpc.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>A channel's history scored again: what comes out is what the model says of each window.</summary>
public sealed class RescoreTests(JobsHub jobs) : IClassFixture<JobsHub>
{
    private const int Size = 1024;

    [Theory]
    [InlineData("bearing-fault", 0)]
    [InlineData("bearing-fault-large/1.0.0", 512)]
    public async Task Every_window_is_scored_once_as_the_model_scores_it(string model, uint hop)
    {
        var client = jobs.Operator;
        var submitted = await client.SubmitAsync(JobsHub.Rescore(model, hop: hop));
        Assert.Equal(
            (JobStateCode.Waiting, "rescore", JobsHub.Samples), (submitted.State, submitted.Kind, submitted.Total));
        var told = await JobsHub.FollowAsync(client, submitted.Id);
        var job = told[^1];
        Assert.True(job.State == JobStateCode.Done, job.Reason);
        Assert.Equal(told.Select(one => one.Done).Order(), told.Select(one => one.Done));
        Assert.Equal(JobsHub.Samples, job.Done);
        var (times, scores, labels) = Flatten(await JobsHub.ResultAsync(client, job.Id));
        var step = hop == 0 ? Size : (int)hop;
        var samples = JobsHub.MadeSamples(JobsHub.Samples);
        using var judge = new WindowJudge(ShippedModels.Load(model.Split('/')[0]), ModelVariant.Fp32);
        var expected = Enumerable.Range(0, (JobsHub.Samples - Size) / step + 1).Select(i => i * step).ToArray();
        Assert.Equal(expected.Select(at => JobsHub.TimeOf(at + Size - 1)), times);
        for (var i = 0; i < expected.Length; i++)
        {
            var finding = judge.Judge(samples.AsSpan(expected[i], Size));
            Assert.Equal(finding.Score, scores[i], 0.0001f);
            Assert.Equal(finding.Label, labels[i]);
        }

        Assert.Equal((expected.Length, 0L), (job.Rescore.Windows, job.Rescore.Invalid));
        Assert.Equal(labels.Distinct().Order(), job.Rescore.Labels.Select(count => count.Label).Order());
        Assert.Equal(scores.Max(), job.Rescore.ScoreMax, 0.0001);
        Assert.Equal(scores.Count(score => score > job.Rescore.Threshold), job.Rescore.AboveThreshold);
    }

    [Fact]
    public async Task Gaps_and_failed_readings_break_no_window_and_are_not_scored()
    {
        // 3 windows, a gap, half a window, a gap, 2 windows of which one holds NaN.
        var samples = JobsHub.MadeSamples(3 * Size);
        jobs.Ingest("press-gaps", JobsHub.Channel, samples);
        jobs.Ingest("press-gaps", JobsHub.Channel, samples[..(Size / 2)], skip: 100_000);
        var spoiled = samples[..(2 * Size)];
        spoiled[Size + 5] = float.NaN;
        jobs.Ingest("press-gaps", JobsHub.Channel, spoiled, skip: 200_000);
        var job = await RunAsync(JobsHub.Rescore(device: "press-gaps"));
        Assert.Equal((4L, 1L), (job.Rescore.Windows, job.Rescore.Invalid));
        var (times, _, _) = Flatten(await JobsHub.ResultAsync(jobs.Operator, job.Id));
        Assert.Equal(
            new[] { Size, 2 * Size, 3 * Size, 200_000 + Size }.Select(end => JobsHub.TimeOf(end - 1)), times);
    }

    [Fact]
    public async Task Only_the_range_that_was_asked_for_is_scored_and_what_comes_later_changes_nothing()
    {
        jobs.Ingest("press-range", JobsHub.Channel, JobsHub.MadeSamples(10 * Size));
        var request = JobsHub.Rescore(device: "press-range");
        request.Rescore.FromMicros = JobsHub.TimeOf(Size);
        request.Rescore.ToMicros = JobsHub.TimeOf(4 * Size);
        var job = await RunAsync(request);
        var (times, _, _) = Flatten(await JobsHub.ResultAsync(jobs.Operator, job.Id));
        Assert.Equal(new[] { 2, 3, 4 }.Select(window => JobsHub.TimeOf((window * Size) - 1)), times);
    }

    [Fact]
    public async Task Raw_windows_are_scored_where_no_readings_are_stored()
    {
        var samples = JobsHub.MadeSamples(5 * Size);
        var batch = new RecordBatch(RecordClass.Event);
        foreach (var window in new[] { 0, 1, 1, 4 })
            batch.RawWindows.Add(new RawWindow(
                new ChannelName(JobsHub.Channel), JobsHub.TimeOf(window * Size), JobsHub.RateHz,
                samples[(window * Size)..((window + 1) * Size)], "rule"));
        jobs.Ingest("press-raw", batch);
        var job = await RunAsync(JobsHub.Rescore(device: "press-raw"));
        Assert.Equal(HistorySource.RawWindows, job.Rescore.Source);
        var (times, scores, _) = Flatten(await JobsHub.ResultAsync(jobs.Operator, job.Id));
        Assert.Equal(new[] { 1, 2, 5 }.Select(window => JobsHub.TimeOf((window * Size) - 1)), times);
        using var judge = new WindowJudge(ShippedModels.Load("bearing-fault"), ModelVariant.Fp32);
        Assert.Equal(judge.Judge(samples.AsSpan(4 * Size, Size)).Score, scores[2], 0.0001f);
    }

    [DataFact("cwru")]
    public async Task Recordings_are_told_apart_as_the_model_card_says()
    {
        foreach (var (file, label) in new[]
            { ("1797_Normal.npy", "normal"), ("1772_IR_14_DE12.npy", "inner-race") })
        {
            var device = $"press-{label}";
            using (var recording = LeptonEdge.Agent.Sensing.Replays.NpyFile.Open(Requires.DataPath($"cwru/{file}")))
            {
                var samples = new float[recording.Count];
                recording.Read(samples);
                jobs.Ingest(device, JobsHub.Channel, samples);
                var job = await RunAsync(JobsHub.Rescore("bearing-fault-large", device: device));
                Assert.Equal(samples.Length / Size, job.Rescore.Windows);
                var right = job.Rescore.Labels.Single(count => count.Label == label).Windows;
                Assert.True(right >= 0.95 * job.Rescore.Windows, $"{file}: {right} of {job.Rescore.Windows}");
            }
        }
    }

    public static TheoryData<string, StatusCode, Action<SubmitJobRequest>> Faults => new()
    {
        { "work:", StatusCode.InvalidArgument, r => r.ClearWork() },
        { "priority:", StatusCode.InvalidArgument, r => r.Priority = 11 },
        { "deadline_seconds:", StatusCode.InvalidArgument, r => r.DeadlineSeconds = -1 },
        { "deadline_seconds:", StatusCode.InvalidArgument, r => r.DeadlineSeconds = double.NaN },
        { "deadline_seconds:", StatusCode.InvalidArgument, r => r.DeadlineSeconds = 1e9 },
        { "idempotency_key:", StatusCode.InvalidArgument, r => r.IdempotencyKey = new string('k', 129) },
        { "rescore.model:", StatusCode.InvalidArgument, r => r.Rescore.Model = "" },
        { "rescore.model:", StatusCode.InvalidArgument, r => r.Rescore.Model = "a/b/c" },
        { "rescore.model:", StatusCode.NotFound, r => r.Rescore.Model = "nothing" },
        { "rescore.model:", StatusCode.NotFound, r => r.Rescore.Model = "bearing-fault/9.9.9" },
        { "takes 8 channels together", StatusCode.InvalidArgument, r => r.Rescore.Model = "pump-anomaly" },
        { "rescore.device:", StatusCode.InvalidArgument, r => r.Rescore.Device = "Press 7" },
        { "rescore.channel:", StatusCode.InvalidArgument, r => r.Rescore.Channel = "" },
        { "no raw window", StatusCode.InvalidArgument, r => r.Rescore.Device = "nobody" },
        { "no raw window", StatusCode.InvalidArgument, r => r.Rescore.Source = HistorySource.RawWindows },
        { "rescore.to_micros:", StatusCode.InvalidArgument, r => (r.Rescore.FromMicros, r.Rescore.ToMicros) = (5, 5) },
        { "rescore.hop:", StatusCode.InvalidArgument, r => r.Rescore.Hop = Size + 1 },
        { "window takes 1024", StatusCode.InvalidArgument, r => r.Rescore.ToMicros = -5 },
        { "stored at 1 samples/s, bearing-fault/1.0.0 takes 12000", StatusCode.InvalidArgument,
            r => r.Rescore.Channel = JobsHub.SlowChannel },
        { "stored at 12000 samples/s, host-anomaly/1.0.0 takes 1", StatusCode.InvalidArgument,
            r => r.Rescore.Model = "host-anomaly" },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task What_makes_no_sense_is_refused_by_field(
        string names, StatusCode status, Action<SubmitJobRequest> spoil)
    {
        var request = JobsHub.Rescore();
        spoil(request);
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await jobs.Operator.SubmitAsync(request));
        Assert.Equal(status, fault.StatusCode);
        Assert.Contains(names, fault.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<Job> RunAsync(SubmitJobRequest request)
    {
        var client = jobs.Operator;
        var job = (await JobsHub.FollowAsync(client, (await client.SubmitAsync(request)).Id))[^1];
        Assert.True(job.State == JobStateCode.Done, job.Reason);
        return job;
    }

    private static (List<long> Times, List<float> Scores, List<string> Labels) Flatten(List<JobResultPart> parts)
    {
        var windows = parts.ConvertAll(part => part.Windows);
        Assert.Equal(Enumerable.Range(0, parts.Count), parts.Select(part => (int)part.Part));
        return ([.. windows.SelectMany(w => w.TimeMicros)], [.. windows.SelectMany(w => w.Scores)],
            [.. windows.SelectMany(w => w.Labels.Select(label => w.LabelNames[(int)label]))]);
    }
}
