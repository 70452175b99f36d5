using LeptonEdge.Core.Profiles;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Tests.Placement.Splits;

public sealed class SplitSolverTests
{
    private static readonly SplitConditions s_plain = new()
    {
        UplinkBitsPerSecond = 8e6, DeviceFactor = 4, RoundTrip = TimeSpan.FromMilliseconds(1),
    };

    [Fact]
    public void No_share_of_any_small_graph_is_better_than_the_one_decided()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var profile = RandomProfile(random);
            var conditions = RandomConditions(random);
            var decided = SplitSolver.Decide(profile, conditions);
            var best = TimeSpan.MaxValue;
            foreach (var share in Shares(profile))
            {
                var latency = SplitSolver.Evaluate(profile, conditions, share).Latency;
                best = latency < best ? latency : best;
            }

            Assert.True(decided.Latency == best, $"seed {seed}: decided {decided.Latency}, best {best}");
            bool[] own = [.. profile.Steps.Select((_, step) => decided.IsOnDevice(step))];
            Assert.Equal(best, SplitSolver.Evaluate(profile, conditions, own).Latency);
            Assert.True(SplitSolver.DecideChain(profile, conditions).Latency >= best);
        }
    }

    [Fact]
    public void The_same_question_gets_the_same_answer()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var answers = Enumerable.Range(0, 2).Select(_ =>
            {
                var random = new Random(seed);
                var profile = RandomProfile(random);
                var decided = SplitSolver.Decide(profile, RandomConditions(random));
                return string.Join(",", profile.Steps.Select((_, step) => decided.IsOnDevice(step)));
            }).ToArray();
            Assert.Equal(answers[0], answers[1]);
        }
    }

    [Fact]
    public void A_chain_is_cut_where_the_tensor_is_small()
    {
        // 10 ms of convolution make 1,000 bytes of 100,000; the rest is heavy.
        var profile = Chain([100_000, 400_000, 1_000, 50_000], [5, 5, 100, 10]);
        var decided = SplitSolver.Decide(profile, s_plain);
        Assert.Equal(SplitPlace.Split, decided.Place);
        Assert.Equal([2], decided.Crossing);
        Assert.Equal(TimeSpan.FromMilliseconds(40), decided.DeviceTime);
        Assert.Equal(TimeSpan.FromMilliseconds(110), decided.HubTime);
        Assert.Equal(TimeSpan.FromMicroseconds(2010), decided.LinkTime);
        Assert.Equal(1_000, decided.UpBytes);
        Assert.Equal(decided.Latency, SplitSolver.DecideChain(profile, s_plain).Latency);
        Assert.Equal("chain: cut at 't2': 152.01 ms = device 40 + link 2.01 (1000 bytes up) + hub 110", $"{decided}");
    }

    [Fact]
    public void A_loaded_hub_leaves_all_on_the_device_and_a_slow_device_all_in_the_hub()
    {
        var profile = Chain([1_000, 4_000, 4_000, 4_000], [5, 5, 5, 5]);
        Assert.Equal(SplitPlace.Device, SplitSolver.Decide(profile, s_plain with { HubLoad = 0.95 }).Place);
        Assert.Equal(SplitPlace.Hub, SplitSolver.Decide(profile, s_plain with { DeviceFactor = 50 }).Place);
        Assert.Equal(
            SplitPlace.Device, SplitSolver.Decide(profile, s_plain with { RoundTrip = TimeSpan.FromSeconds(1) }).Place);
    }

    [Fact]
    public void A_tensor_that_two_branches_read_crosses_once()
    {
        // Paid twice, the 8 ms of tensor 1 would lose against the device.
        var profile = new ModelProfile(
            "fork", 1, 1,
            [
                Step("a", 1, 0), Step("b", 3, 1), Step("c", 3, 1), Step("d", 3, 2, 3),
            ],
            [Tensor(-1, 100_000), Tensor(0, 8_000), Tensor(1, 50_000), Tensor(2, 50_000), Tensor(3, 10, true)]);
        var decided = SplitSolver.Decide(profile, s_plain);
        Assert.Equal([1], decided.Crossing);
        Assert.Equal(8_000, decided.UpBytes);
    }

    [Fact]
    public void A_tensor_that_cannot_cross_is_never_cut()
    {
        var profile = Chain([100_000, 400_000, 1_000, 50_000], [5, 5, 100, 10]);
        var tensors = profile.Tensors.ToArray();
        tensors[2] = tensors[2] with { CanCross = false };
        var closed = new ModelProfile("closed", 1, 1, profile.Steps, tensors);
        Assert.DoesNotContain(2, SplitSolver.Decide(closed, s_plain).Crossing);
        Assert.DoesNotContain(closed.ChainCuts(), cut => cut.Tensor == 2);
        Assert.Throws<ArgumentException>(() => SplitSolver.Evaluate(closed, s_plain, [true, true, false, false]));
    }

    [Fact]
    public void Chain_cuts_are_where_one_tensor_alone_is_left()
    {
        Assert.Equal(
            [new ChainCut(1, 1), new ChainCut(2, 2), new ChainCut(3, 3)],
            Chain([1, 1, 1, 1], [1, 1, 1, 1]).ChainCuts());
        var skip = new ModelProfile(
            "skip", 1, 1, [Step("a", 1, 0), Step("b", 1, 1), Step("c", 1, 1, 2), Step("d", 1, 3)],
            [Tensor(-1, 1), Tensor(0, 1), Tensor(1, 1), Tensor(2, 1), Tensor(3, 1, true)]);
        Assert.Equal([new ChainCut(1, 1), new ChainCut(3, 3)], skip.ChainCuts());
        Assert.Equal(["1 before: 1", "2 before: 1, 2", "3 before: 3"], skip.Cuts().Select(
            cut => $"{cut.StepsBefore} before: {string.Join(", ", cut.Tensors)}"));
    }

    [Fact]
    public void A_profile_that_does_not_hold_together_is_refused()
    {
        ProfiledTensor[] tensors = [Tensor(-1, 1), Tensor(0, 1, true)];
        string Fault(ProfiledStep step, params ProfiledTensor[] given) => Assert.Throws<ArgumentException>(
            () => new ModelProfile("m", 1, 1, [step], given)).Message;
        Assert.Contains("reads 'of0' before it is made", Fault(Step("a", 1, 1), tensors));
        Assert.Contains("reads tensor 7", Fault(Step("a", 1, 7), tensors));
        Assert.Contains("names a tensor twice", Fault(Step("a", 1, 0, 0), tensors));
        Assert.Contains("less than nothing", Fault(Step("a", -1, 0), tensors));
        Assert.Contains("has -1 bytes", Fault(Step("a", 1, 0), tensors[0] with { Bytes = -1 }));
        Assert.Contains("made by step 3", Fault(Step("a", 1, 0), tensors[0], tensors[1] with { Maker = 3 }));
    }

    [Fact]
    public void Conditions_outside_their_limits_are_refused()
    {
        var profile = Chain([1, 1], [1, 1]);
        SplitConditions[] wrong =
        [
            s_plain with { UplinkBitsPerSecond = 0 }, s_plain with { HubLoad = 1 }, s_plain with { DeviceFactor = -1 },
            s_plain with { HubFactor = double.NaN }, s_plain with { RoundTrip = TimeSpan.FromDays(1) },
            s_plain with { DownlinkBitsPerSecond = double.PositiveInfinity },
        ];
        foreach (var conditions in wrong)
            Assert.Throws<ArgumentOutOfRangeException>(() => SplitSolver.Decide(profile, conditions));
    }

    /// <summary>Every share in which nothing goes back to the device and nothing crosses that cannot.</summary>
    private static IEnumerable<bool[]> Shares(ModelProfile profile)
    {
        for (var bits = 0; bits < 1 << profile.Steps.Count; bits++)
        {
            bool[] share = [.. profile.Steps.Select((_, step) => (bits >> step & 1) == 1)];
            var fits = profile.Steps.Select((step, at) => step.Reads.All(read =>
            {
                var tensor = profile.Tensors[read];
                var isUp = tensor.Maker < 0 || share[tensor.Maker];
                return share[at] ? isUp : !isUp || tensor.CanCross;
            })).All(fit => fit);
            if (fits)
                yield return share;
        }
    }

    private static ModelProfile RandomProfile(Random random)
    {
        var count = random.Next(2, 10);
        var steps = new List<ProfiledStep>();
        var tensors = new List<ProfiledTensor> { Tensor(-1, random.Next(200_000)) };
        if (random.Next(3) == 0)
            tensors.Add(Tensor(-1, random.Next(50_000)));
        for (var step = 0; step < count; step++)
        {
            var draws = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(tensors.Count));
            int[] reads = [.. draws.Distinct()];
            steps.Add(new ProfiledStep($"s{step}", "Op", TimeSpan.FromMicroseconds(random.Next(20_000)), 0, 0, reads));
            for (var made = 0; made < random.Next(1, 3); made++)
                tensors.Add(new ProfiledTensor(
                    $"t{tensors.Count}", "FP32", random.Next(100_000), step, random.Next(5) == 0,
                    random.Next(8) > 0));
        }

        return new ModelProfile("random", 1, 1, steps, tensors);
    }

    private static SplitConditions RandomConditions(Random random) => new()
    {
        DeviceFactor = Math.Exp(random.NextDouble() * 4),
        HubLoad = random.NextDouble() * 0.95,
        UplinkBitsPerSecond = 1e6 * Math.Exp(random.NextDouble() * 5),
        DownlinkBitsPerSecond = random.Next(2) == 0 ? null : 5e6,
        RoundTrip = TimeSpan.FromMilliseconds(random.Next(20)),
    };

    /// <summary>Steps in a row; milliseconds of each, and bytes that each reads.</summary>
    private static ModelProfile Chain(int[] bytes, int[] millis) => new(
        "chain", 1, 1, [.. millis.Select((time, at) => Step($"s{at}", time, at))],
        [
            .. bytes.Select((size, at) => Tensor(at - 1, size) with { Name = $"t{at}" }),
            Tensor(bytes.Length - 1, 10, true),
        ]);

    private static ProfiledStep Step(string name, int millis, params int[] reads) =>
        new(name, "Op", TimeSpan.FromMilliseconds(millis), 0, 0, reads);

    private static ProfiledTensor Tensor(int maker, long bytes, bool isOutput = false) =>
        new($"of{maker}", "FP32", bytes, maker, isOutput);
}
