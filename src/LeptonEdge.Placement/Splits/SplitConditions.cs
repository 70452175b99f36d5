namespace LeptonEdge.Placement.Splits;

/// <summary>What a cut is decided by, beside the model itself.</summary>
public sealed record SplitConditions
{
    /// <summary>The device's time for a step, over the profile's.</summary>
    public double DeviceFactor { get; init; } = 1;

    /// <summary>The hub's time for a step when it has nothing else to do, over the profile's.</summary>
    public double HubFactor { get; init; } = 1;

    /// <summary>Share of the hub that others use, 0 to less than 1: what is left computes that much slower.</summary>
    public double HubLoad { get; init; }

    /// <summary>From the device to the hub.</summary>
    public required double UplinkBitsPerSecond { get; init; }

    /// <summary>From the hub to the device; null: as the uplink.</summary>
    public double? DownlinkBitsPerSecond { get; init; }

    /// <summary>There and back without payload, and all else that a call costs however small.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its limits.</exception>
    public void Validate()
    {
        Check(DeviceFactor is > 0 and <= 1e6, nameof(DeviceFactor), DeviceFactor, "more than 0, at most a million");
        Check(HubFactor is > 0 and <= 1e6, nameof(HubFactor), HubFactor, "more than 0, at most a million");
        Check(HubLoad is >= 0 and <= 0.999, nameof(HubLoad), HubLoad, "0 to 0.999");
        Check(
            UplinkBitsPerSecond is >= 1 and <= 1e13, nameof(UplinkBitsPerSecond), UplinkBitsPerSecond, "1 to 1e13");
        Check(
            DownlinkBitsPerSecond is null or (>= 1 and <= 1e13), nameof(DownlinkBitsPerSecond),
            DownlinkBitsPerSecond, "1 to 1e13");
        Check(
            RoundTrip >= TimeSpan.Zero && RoundTrip <= TimeSpan.FromHours(1), nameof(RoundTrip), RoundTrip,
            "0 to an hour");
    }

    private static void Check(bool fits, string name, object? value, string limits)
    {
        if (!fits)
            throw new ArgumentOutOfRangeException(name, value, $"use {limits}");
    }
}
