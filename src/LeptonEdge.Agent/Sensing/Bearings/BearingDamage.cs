namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>What a severely damaged bearing does to its housing: each place of damage reaches the sensor by another
/// way, so it excites the housing's modes in a mixture of its own.</summary>
/// <param name="Modes">The housing's modes and how strongly a blow excites each.</param>
/// <param name="Roughness">Steady rubbing between the blows, beside a blow of 1.</param>
internal sealed record BearingDamage(Mode[] Modes, double Roughness)
{
    public static BearingDamage Of(BearingFault fault) => fault switch
    {
        BearingFault.InnerRace => new(
            [
                new(480, 0.05, 0.15), new(650, 0.05, 0.15), new(1_000, 0.06, 0.15), new(1_350, 0.06, 0.25),
                new(1_750, 0.05, 0.20), new(2_350, 0.05, 0.30), new(2_780, 0.012, 0.40), new(3_000, 0.02, 0.30),
                new(3_560, 0.010, 0.35), new(4_400, 0.05, 0.25), new(5_100, 0.05, 0.20),
            ],
            0.04),
        BearingFault.OuterRace => new(
            [
                new(1_250, 0.05, 0.72), new(3_100, 0.02, 0.20), new(3_420, 0.010, 1.70), new(3_550, 0.015, 1.30),
                new(5_500, 0.03, 1.20),
            ],
            0.01),
        BearingFault.Ball => new(
            [
                new(500, 0.05, 0.03), new(700, 0.05, 0.03), new(1_000, 0.06, 0.05), new(1_500, 0.06, 0.05),
                new(2_000, 0.06, 0.06), new(2_600, 0.04, 0.08), new(3_250, 0.025, 0.14),
            ],
            0.25),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault"),
    };
}
