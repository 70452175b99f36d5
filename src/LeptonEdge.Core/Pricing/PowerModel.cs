using LeptonEdge.Core.Records;

namespace LeptonEdge.Core.Pricing;

/// <summary>What a machine draws, as its owner states it.</summary>
/// <param name="IdleWatts">The whole machine while it computes nothing.</param>
/// <param name="BusyWattsPerCore">More for each core that computes.</param>
/// <param name="AcceleratorWatts">More while the accelerator computes.</param>
public readonly record struct PowerModel(double IdleWatts, double BusyWattsPerCore, double AcceleratorWatts)
{
    /// <summary>More than a rack draws.</summary>
    public const double WattsMax = 100_000;

    /// <summary>What this much computing takes beyond idling, microjoules.</summary>
    public long Microjoules(in UsageAmounts work) =>
        (long)((BusyWattsPerCore * work.CoreMicros) + (AcceleratorWatts * work.AcceleratorMicros));
}
