using System.Text.RegularExpressions;
using LeptonEdge.Core.Records;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>An outbox file that the disk cut short or changed: the agent goes on recording, what is intact arrives,
/// what is not is named, and the damaged file is kept.</summary>
/// <remarks><c>FAULTS_SEED</c> replays an earlier run; <c>FAULTS</c> above the standard damages more
/// copies.</remarks>
public partial class DamageTests(FaultReport report) : IClassFixture<FaultReport>
{
    private const int BacklogBatches = 80;
    private static readonly int Rounds = Math.Max(2, FaultSeed.Kills() / 100);

    // Pages hold several batches, and a tree's inner page leads to many.
    private const double ShareMore = 0.15;

    // Batches do not lie in the file in their order, nor evenly.
    private const double CutMore = 1.7;

    /// <param name="Log">In SQLite's log.</param>
    /// <param name="Do">Damages the bytes and returns the share of them that is gone.</param>
    private sealed record Damage(string Name, bool Log, Func<byte[], Random, FileStream, double> Do);

    private static readonly Damage[] Kinds =
    [
        new("one bit flipped in the file", Log: false, FlipBit),
        new("a page of zeros in the file", Log: false, ZeroPage),
        new("the file cut short", Log: false, CutShort),
        new("one bit flipped in the log", Log: true, FlipBit),
        new("the log cut short", Log: true, CutShort),
    ];

    [PeerFact("mosquitto")]
    public async Task What_is_intact_arrives_and_the_rest_is_named_and_kept()
    {
        var seed = FaultSeed.Draw();
        report.Say($"FAULTS_SEED={seed}");
        var random = new Random(seed);
        using var fleet = new FaultFleet();
        fleet.StartAll();
        await fleet.CaughtUpAsync();
        await fleet.StopAsync(Part.Hub);
        var before = fleet.LedgerEntries();
        await GatherBacklogAsync(fleet);
        // A killed agent leaves its newest batches in SQLite's log; one that stopped has them all in the file.
        await fleet.KillAsync(Part.Agent);
        var killed = fleet.Save();
        fleet.Start(Part.Agent);
        await GatherBacklogAsync(fleet);
        await fleet.StopAsync(Part.Agent);
        var stopped = fleet.Save();

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var kind in Kinds)
                await GoThroughAsync(fleet, kind.Log ? killed : stopped, kind, before, random);
        }
    }

    private async Task GoThroughAsync(FaultFleet fleet, FleetState state, Damage damage, int before, Random random)
    {
        fleet.Restore(state);
        var backlog = fleet.LedgerEntries() - before;
        var file = fleet.OutboxFile + (damage.Log ? "-wal" : "");
        var bytes = await File.ReadAllBytesAsync(file);
        double share;
        await using (var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite))
            share = damage.Do(bytes, random, stream);
        var damaged = await File.ReadAllBytesAsync(file);

        fleet.Start(Part.Hub);
        fleet.Start(Part.Agent);
        await fleet.CaughtUpAsync();
        await fleet.StopAgentDrainedAsync();
        await fleet.StopAsync(Part.Hub);

        var compared = fleet.Compare();
        var kept = KeptFiles(compared.AllGaps);
        var result = compared.Judge(gap => KeptFiles([gap]).Any());
        report.Say($"{damage.Name} ({share:P0} of {bytes.Length} bytes): {result.Line(0)}, "
            + $"{result.MissingBatches} of {backlog} batches missing, {kept.Count} files kept");
        var what = $"{damage.Name}: {string.Join("\n", result.Findings)}\n{fleet.Tail(Part.Agent)}";
        Assert.True(result.Duplicated == 0, what);
        Assert.True(result.Lost == 0, what);
        if (!damage.Log && share < 0.5)
            Assert.True(result.MissingBatches <= backlog * ((share * CutMore) + ShareMore), what);
        if (result.MissingBatches > 0)
        {
            Assert.All(kept, name => Assert.True(File.Exists(name), $"{what}: {name} is not there"));
            Assert.Contains(kept[0], fleet.AgentLog, StringComparison.Ordinal);
        }

        // Where the whole file was set aside it is to the byte what was found.
        foreach (var aside in Directory.GetFiles(fleet.AgentData, Path.GetFileName(fleet.OutboxFile) + ".damaged-*"))
        {
            if (!damage.Log && !aside.EndsWith("-wal", StringComparison.Ordinal)
                && !aside.EndsWith("-shm", StringComparison.Ordinal))
                Assert.True(damaged.AsSpan().SequenceEqual(File.ReadAllBytes(aside)), $"{what}: {aside} changed");
        }
    }

    private static async Task GatherBacklogAsync(FaultFleet fleet)
    {
        var goal = fleet.LedgerEntries() + BacklogBatches;
        await fleet.UntilAsync(() => Task.FromResult(fleet.LedgerEntries() >= goal), "a backlog");
    }

    private static List<string> KeptFiles(IEnumerable<Gap> gaps) =>
        [.. gaps.SelectMany(gap => KeptFile().Matches(gap.Reason)).Select(match => match.Value).Distinct()];

    [GeneratedRegex(@"/[^\s;,()]*outbox[^\s;,()]*")]
    private static partial Regex KeptFile();

    private static double FlipBit(byte[] bytes, Random random, FileStream file)
    {
        var at = random.Next(bytes.Length);
        file.Position = at;
        file.WriteByte((byte)(bytes[at] ^ (1 << random.Next(8))));
        return 0;
    }

    private static double ZeroPage(byte[] bytes, Random random, FileStream file)
    {
        const int Page = 4_096;
        file.Position = Page * (long)random.Next(bytes.Length / Page);
        file.Write(new byte[Page]);
        return 0;
    }

    private static double CutShort(byte[] bytes, Random random, FileStream file)
    {
        var length = random.Next(bytes.Length);
        file.SetLength(length);
        return 1 - ((double)length / bytes.Length);
    }
}
