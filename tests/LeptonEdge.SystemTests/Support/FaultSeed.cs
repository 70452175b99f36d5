using System.Globalization;

namespace LeptonEdge.SystemTests.Support;

/// <summary>What a fault test is told from outside.</summary>
internal static class FaultSeed
{
    /// <summary>The seed named by <c>FAULTS_SEED</c>, or a random one.</summary>
    public static int Draw() => Number("FAULTS_SEED", Random.Shared.Next());

    /// <summary>Kills of the long run, by <c>FAULTS</c>.</summary>
    public static int Kills() => Number("FAULTS", 200);

    private static int Number(string variable, int standard) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}
