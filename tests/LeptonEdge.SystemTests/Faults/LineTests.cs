using System.Diagnostics;
using System.Globalization;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>What networks do to the lines of agent and hub to their broker.</summary>
/// <remarks><c>FAULTS_SEED</c> replays an earlier run.</remarks>
public class LineTests(FaultReport report) : IClassFixture<FaultReport>
{
    private enum Kind
    {
        Cut,
        Reset,
        Delay,
        Throttle,
        HalfOpen,
        Unanswered,
    }

    [PeerFact("mosquitto")]
    public async Task Every_fault_of_a_line_heals_and_nothing_is_lost()
    {
        var seed = FaultSeed.Draw();
        report.Say($"FAULTS_SEED={seed}");
        var random = new Random(seed);
        var port = FaultFleet.FreePort();
        await using var agentLine = new FaultProxy(port, seed);
        await using var hubLine = new FaultProxy(port, seed + 1);
        using var fleet = new FaultFleet(new FleetOptions
            { BrokerPort = port, AgentBrokerPort = agentLine.Port, HubBrokerPort = hubLine.Port });
        fleet.StartAll();
        await fleet.CaughtUpAsync();

        Kind[] quick = [Kind.Cut, Kind.Reset, Kind.Delay, Kind.Throttle];
        var faults = quick.SelectMany(kind => new[] { (kind, agentLine), (kind, hubLine) }).ToArray();
        random.Shuffle(faults);
        foreach (var (kind, line) in faults)
            await GoThroughAsync(fleet, kind, [line], random, line == agentLine ? "agent" : "hub");
        // Only time reveals a peer that is silently gone, so both lines share it.
        await GoThroughAsync(fleet, Kind.Unanswered, [agentLine, hubLine], random, "both");
        await GoThroughAsync(fleet, Kind.HalfOpen, [agentLine, hubLine], random, "both");

        await fleet.DrainAndStopAsync();
        var result = fleet.Compare().Judge();
        report.Say(result.Line(0));
        Assert.True(result.Lost == 0 && result.Duplicated == 0, $"seed {seed}: {string.Join("\n", result.Findings)}");
        Assert.True(result.Stored > 1_000, $"only {result.Stored} records");
    }

    private async Task GoThroughAsync(FaultFleet fleet, Kind kind, FaultProxy[] lines, Random random, string whose)
    {
        foreach (var line in lines)
        {
            switch (kind)
            {
                case Kind.Cut:
                    line.Cut();
                    break;
                case Kind.Reset:
                    line.Reset();
                    break;
                case Kind.Delay:
                    line.Delay(TimeSpan.FromMilliseconds(random.Next(50, 400)));
                    break;
                case Kind.Throttle:
                    line.Throttle(random.Next(4_000, 16_000));
                    break;
                case Kind.Unanswered:
                    // They connect again at once, and nobody answers their greeting.
                    line.HalfOpen();
                    line.Cut();
                    break;
                default:
                    line.HalfOpen();
                    break;
            }
        }

        // A fault that nothing met would prove nothing. Slow lines are met often before they heal.
        var strikes = kind is Kind.Delay or Kind.Throttle ? random.Next(5, 20) : 1;
        await Eventually.True(
            () => lines.All(line => line.Struck >= strikes), $"{kind} strikes the line of {whose} {strikes} times",
            secondsMax: 60);
        var watch = Stopwatch.StartNew();
        foreach (var line in lines)
            line.Heal();
        await fleet.CaughtUpAsync();
        report.Say(string.Create(CultureInfo.InvariantCulture,
            $"{kind} ({whose}): healed after {watch.Elapsed.TotalSeconds:0.0} s"));
    }
}
