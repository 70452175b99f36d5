using System.Globalization;

namespace LeptonEdge.Placement.Solving;

/// <summary>Places, amounts and money in words.</summary>
internal static class Wording
{
    public static string Of(RunsAt place) => place.Say();

    public static string Money(double perHour) => Math.Abs(perHour) < 1e-12 ? "nothing" : $"{Short(perHour)} an hour";

    public static string Seconds(double seconds) => seconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.##} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s");

    /// <summary>An amount of one kind of resource.</summary>
    public static string Amount(int kind, double amount) => kind switch
    {
        Resources.Cores => $"{Short(amount)} cores",
        Resources.Memory => $"{Short(amount / 1e6)} MB of memory",
        Resources.Accelerators => $"{Short(amount)} accelerators",
        Resources.Watts => $"{Short(amount)} W of the energy budget",
        _ => $"{Short(amount / 1e3)} kB/s of the link",
    };

    // Four figures, never as a power of ten.
    private static string Short(double value)
    {
        if (value == 0 || !double.IsFinite(value))
            return value.ToString(CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15);
        return Math.Round(value, decimals).ToString("0." + new string('#', 15), CultureInfo.InvariantCulture);
    }
}
