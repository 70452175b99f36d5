using Grpc.Core;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Support;
using Xunit.Abstractions;

namespace LeptonEdge.Tests.Agent.Offload;

/// <summary>Whatever the hub does, each window has one verdict.</summary>
public sealed class OneVerdictTests(ITestOutputHelper output) : IDisposable
{
    private const int Windows = 400;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(OffloadMode.Hub, 1)]
    [InlineData(OffloadMode.Hub, 2)]
    [InlineData(OffloadMode.Quickest, 3)]
    [InlineData(OffloadMode.Cascade, 4)]
    [InlineData(OffloadMode.Cascade, 5)]
    [InlineData(OffloadMode.Split, 6)]
    public async Task Each_window_has_one_verdict_whatever_the_hub_does(OffloadMode mode, int seed)
    {
        var random = new Random(seed);
        await using var rig = await OffloadRig.StartAsync(
            mode, TimeSpan.FromMilliseconds(200), new CascadeRule { ScoreFrom = -1, ScoreTo = 2 },
            first: mode == OffloadMode.Split ? FirstStage() : null);
        rig.Hub.Before = context => BehaveAsync(random, context);
        if (mode == OffloadMode.Quickest)
            rig.Lane.StartDrill(
                new LoadDrillSchedule(0.7, rampSeconds: 0, seconds: 600, seed), rig.Workload.Model.Repeat);
        var verdicts = new Dictionary<long, PipelineItem>();
        for (var number = 0L; number < Windows; number++)
        {
            if (number == Windows / 2)
                await rig.Hub.StopAsync();
            if (number == (Windows / 2) + 20)
                await rig.Hub.StartAsync();
            // No more at once than the workload asks the hub about: a window that is shed is no subject of this test.
            await Eventually.True(() => rig.Workload.FreeSlots >= 8, "free slots");
            // A device that believes in the hub whatever happened: else it would soon ask no more.
            rig.Question.Pace.Record(TimeSpan.FromMilliseconds(1));
            var isGone = number >= Windows / 2 && number < (Windows / 2) + 20;
            await Eventually.True(async () =>
            {
                await rig.Inference.ProbeAsync(CancellationToken.None);
                return isGone || rig.Inference.IsReachable;
            }, "the hub is found again");
            rig.Take(number);
            Collect(rig, verdicts);
        }

        await Eventually.True(() => rig.Workload.IsIdle, "every window's end");
        Collect(rig, verdicts);

        Assert.Equal(Windows, verdicts.Count);
        Assert.Equal(Windows, rig.Workload.InferencesLocal + rig.Workload.InferencesHub);
        Assert.Equal((0L, 0L), (rig.Workload.Shed, rig.Workload.Failed));
        Assert.Equal(rig.Workload.InferencesHub, verdicts.Values.Count(item => item.Place == Place.Hub));
        Assert.True(rig.Workload.InferencesHub > 10 && rig.Workload.InferencesLocal > 10, "both answered");
        output.WriteLine(
            $"hub {rig.Workload.InferencesHub}, local {rig.Workload.InferencesLocal}, fallbacks "
            + $"{rig.Workload.Fallbacks}, late replies {rig.Question.Tally.LateReplies}, hedges "
            + $"{rig.Question.Tally.Hedges}, retries {rig.Question.Tally.Retries}, soundings "
            + $"{rig.Question.Tally.Soundings}");
    }

    private static void Collect(OffloadRig rig, Dictionary<long, PipelineItem> verdicts)
    {
        while (rig.Queue.Reader.TryRead(out var item))
            Assert.True(verdicts.TryAdd(item.TimeMicros, item), $"window {item.TimeMicros} has two verdicts");
    }

    private static async Task BehaveAsync(Random random, ServerCallContext context)
    {
        int dice;
        lock (random)
            dice = random.Next(10);
        switch (dice)
        {
            case 0:
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                break;
            case 1 or 2:
                await Task.Delay(TimeSpan.FromMilliseconds(20 * dice), context.CancellationToken);
                break;
            case 3:
                // Just when the reserve is due.
                await Task.Delay(TimeSpan.FromMilliseconds(150));
                break;
            case 4:
                throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "away"));
            case 5:
                throw new RpcException(
                    new Grpc.Core.Status(StatusCode.ResourceExhausted, "busy"),
                    new Metadata { { "grpc-retry-pushback-ms", "5" } });
            case 6:
                // The connection ends under the call, and under all others on it.
                context.GetHttpContext().Abort();
                break;
        }
    }

    private FirstStage FirstStage()
    {
        var splitter = new BundleSplitter(ShippedModels.Load("bearing-fault"), [ModelVariant.Int8]);
        var folders = splitter.Write(
            _folder.Path, [splitter.Split(ModelVariant.Int8, ["l1.q"], runs: 1)]);
        return new FirstStage(ModelBundle.Load(folders[0]), new LeptonEdge.Agent.Configuration.LaneSettings());
    }
}
