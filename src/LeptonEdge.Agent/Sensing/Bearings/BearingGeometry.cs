namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>Where a rolling-element bearing is damaged.</summary>
public enum BearingFault
{
    InnerRace,
    OuterRace,
    Ball,
}

/// <summary>A ball bearing's measures, and the frequencies at which damage in it knocks.</summary>
/// <param name="Balls">Number of balls.</param>
/// <param name="BallMillimetres">Ball diameter.</param>
/// <param name="PitchMillimetres">Diameter of the circle that the balls' centres run on.</param>
/// <remarks>Kinematics without slip and with no contact angle: Randall and Antoni, MSSP 25 (2011), section
/// 2.</remarks>
public sealed record BearingGeometry(int Balls, double BallMillimetres, double PitchMillimetres)
{
    /// <summary>SKF 6205-2RS JEM, the drive-end bearing of the Case Western Reserve test rig.</summary>
    public static BearingGeometry Skf6205 { get; } = new(9, 7.94, 39.04);

    private double Ratio => BallMillimetres / PitchMillimetres;

    /// <summary>Knocks per shaft turn of a spot on the outer race (BPFO).</summary>
    public double OuterRacePerTurn => Balls / 2.0 * (1 - Ratio);

    /// <summary>Knocks per shaft turn of a spot on the inner race (BPFI).</summary>
    public double InnerRacePerTurn => Balls / 2.0 * (1 + Ratio);

    /// <summary>Turns of the cage per shaft turn (FTF).</summary>
    public double CagePerTurn => 0.5 * (1 - Ratio);

    /// <summary>Turns of a ball about its own axis per shaft turn (BSF); a spot on it knocks twice in each.</summary>
    public double BallSpinPerTurn => (1 - (Ratio * Ratio)) / (2 * Ratio);

    /// <summary>Knocks per shaft turn, and how often per shaft turn the damage passes through the load.</summary>
    public (double KnocksPerTurn, double LoadedPerTurn) Of(BearingFault fault) => fault switch
    {
        BearingFault.InnerRace => (InnerRacePerTurn, 1),
        BearingFault.OuterRace => (OuterRacePerTurn, 0),
        BearingFault.Ball => (2 * BallSpinPerTurn, CagePerTurn),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "no such fault"),
    };
}
