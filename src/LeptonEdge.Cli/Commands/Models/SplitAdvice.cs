using System.Globalization;
using LeptonEdge.Core.Profiles;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Cli.Commands;

/// <summary>Says where a profiled model is best cut between device and hub, beside what else could be done.</summary>
internal static class SplitAdvice
{
    public static void Write(ModelProfile profile, SplitConditions conditions)
    {
        var (best, rows) = Decide(profile, conditions);
        Console.WriteLine($"best: {best}");
        foreach (var (name, latency) in rows)
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {name,-20}{latency.TotalMilliseconds,12:0.000} ms"));
        if (best.Place == SplitPlace.Split)
            Console.WriteLine($"lepton model split MODEL --at {At(best)} -o DIR");
    }

    public static object Document(ModelProfile profile, SplitConditions conditions)
    {
        var (best, rows) = Decide(profile, conditions);
        return new
        {
            place = best.Place.ToString().ToLowerInvariant(),
            at = best.Place == SplitPlace.Split ? At(best) : null,
            crossing = best.Crossing.Select(tensor => profile.Tensors[tensor].Name),
            deviceMillis = best.DeviceTime.TotalMilliseconds,
            linkMillis = best.LinkTime.TotalMilliseconds,
            hubMillis = best.HubTime.TotalMilliseconds,
            best.UpBytes,
            best.DownBytes,
            latencies = rows.Select(row => new { way = row.Name, millis = row.Latency.TotalMilliseconds }),
        };
    }

    private static (SplitDecision Best, (string Name, TimeSpan Latency)[] Rows) Decide(
        ModelProfile profile, SplitConditions conditions)
    {
        var best = SplitSolver.Decide(profile, conditions);
        TimeSpan All(bool onDevice) => SplitSolver.Evaluate(
            profile, conditions, [.. profile.Steps.Select(_ => onDevice)]).Latency;
        return (best,
        [
            ("all on the device", All(true)), ("all in the hub", All(false)),
            ("best single tensor", SplitSolver.DecideChain(profile, conditions).Latency),
            ("best of all ways", best.Latency),
        ]);
    }

    private static string At(SplitDecision decision) => string.Join(
        ",", decision.Crossing.Select(at => decision.Profile.Tensors[at]).Where(tensor => tensor.Maker >= 0)
            .Select(tensor => tensor.Name));
}
