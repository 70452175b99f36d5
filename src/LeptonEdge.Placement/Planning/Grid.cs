namespace LeptonEdge.Placement.Planning;

/// <summary>Figures in coarse steps: noise within a step makes no new state.</summary>
internal static class Grid
{
    private const double TimeStep = 1.2;
    private const double TimeMin = 1e-4;

    /// <summary>The next step up, each a fifth larger than the one before.</summary>
    public static double Time(double seconds) => seconds < TimeMin / 2
        ? 0
        : TimeMin * Math.Pow(TimeStep, Math.Max(0, Math.Ceiling(Math.Log(seconds / TimeMin, TimeStep) - 1e-9)));

    /// <summary>Whole percents.</summary>
    public static double Share(double share) => Math.Round(share, 2);

    /// <summary>The next step up, each a fifth larger than the one before.</summary>
    /// <param name="least">The first step; anything below counts as that.</param>
    public static double Portion(double share, double least)
    {
        var steps = Math.Ceiling(Math.Log(Math.Max(share, least) / least, TimeStep) - 1e-9);
        return Math.Min(1, least * Math.Pow(TimeStep, steps));
    }

    /// <summary>Two and a half figures, rounded down.</summary>
    public static double Amount(double amount)
    {
        if (amount < 0.01 || !double.IsFinite(amount))
            return amount < 0.01 ? 0 : amount;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(amount))) / 50;
        return Math.Floor((amount / unit) + 1e-9) * unit;
    }

    /// <summary>The next step up, each twice the one before.</summary>
    public static double Coarse(double seconds) => seconds < TimeMin
        ? 0
        : TimeMin * Math.Pow(2, Math.Ceiling(Math.Log2(seconds / TimeMin) - 1e-9));
}
