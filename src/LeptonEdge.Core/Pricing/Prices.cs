namespace LeptonEdge.Core.Pricing;

/// <summary>What one node's work costs, in the price book's currency.</summary>
/// <param name="CoreSecond">One processor core for one second.</param>
/// <param name="AcceleratorSecond">One accelerator (GPU, NPU, DPU) for one second.</param>
/// <param name="GigabyteMoved">10^9 bytes that cross the link of the node, in either direction.</param>
/// <param name="KilowattHour">3.6 MJ of electricity.</param>
public readonly record struct Prices(
    double CoreSecond, double AcceleratorSecond, double GigabyteMoved, double KilowattHour)
{
    /// <summary>A dearer unit than this is a slip of the pen, and sums of it would lose their cents.</summary>
    public const double Max = 1e9;

    public const double BytesPerGigabyte = 1e9;
    public const double JoulesPerKilowattHour = 3.6e6;

    /// <summary>What this much work costs.</summary>
    public double Cost(in Consumption work) =>
        (CoreSecond * work.CoreSeconds)
        + (AcceleratorSecond * work.AcceleratorSeconds)
        + (GigabyteMoved * work.Bytes / BytesPerGigabyte)
        + (KilowattHour * work.Joules / JoulesPerKilowattHour);
}

/// <summary>How much was used, or would be.</summary>
/// <param name="Bytes">Over the node's link, both directions together.</param>
public readonly record struct Consumption(
    double CoreSeconds, double AcceleratorSeconds, double Bytes, double Joules);
