using System.Globalization;
using LeptonEdge.Core;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>Heat, disk and certificate of a device: what of them needs somebody's attention.</summary>
internal static class DeviceWear
{
    private const double HotCelsius = 85;
    private const double FullSpeed = 0.95;
    private const double FreeShareMin = 0.05;
    private const ulong FreeBytesMin = 500_000_000;
    private const double OutboxShareMax = 0.8;
    private const long DayMicros = 86_400_000_000;
    private const long RenewMicros = 30 * DayMicros;
    private const long RenewNowMicros = 3 * DayMicros;

    public static void Judge(ReportedState state, long nowMicros, List<string> critical, List<string> warning)
    {
        if (state.HasTemperatureCelsius && state.TemperatureCelsius >= HotCelsius)
            warning.Add(Text($"It is {state.TemperatureCelsius:0} °C hot: check its cooling."));
        if (state.SpeedShare is > 0 and < FullSpeed)
            warning.Add(
                Text($"Its processor is slowed to {100 * state.SpeedShare:0} %: check its cooling and its power."));
        if (state.Storage is { } storage)
            Judge(storage, warning);
        if (state.Certificate is { } certificate)
            Judge(certificate, nowMicros, critical, warning);
    }

    private static void Judge(ReportedStorage storage, List<string> warning)
    {
        if (storage.Bytes > 0 && (storage.FreeBytes < FreeBytesMin || storage.FreeBytes < storage.Bytes * FreeShareMin))
            warning.Add(
                Text($"Its disk has {storage.FreeBytes / 1e6:0} MB of {storage.Bytes / 1e6:0} MB free: ")
                + "remove what it does not need.");
        if (storage.OutboxLimitBytes > 0 && storage.OutboxBytes > storage.OutboxLimitBytes * OutboxShareMax)
            warning.Add(
                Text($"Its outbox is {100.0 * storage.OutboxBytes / storage.OutboxLimitBytes:0} % full: ")
                + "at its limit the oldest records are given up; check its way to the hub, or raise outbox.bytes_max.");
    }

    private static void Judge(
        ReportedCertificate certificate, long nowMicros, List<string> critical, List<string> warning)
    {
        // A hostile report may name any time at all.
        var left = Int128.Abs(certificate.ExpiresMicros) > long.MaxValue / 2
            ? long.MaxValue : certificate.ExpiresMicros - nowMicros;
        if (left < 0)
            critical.Add("Its certificate has ended: it is turned away when it connects again. Issue another.");
        else if (left < RenewNowMicros)
            critical.Add(Text($"Its certificate ends in {left / 3_600_000_000} hours: issue another."));
        else if (left < RenewMicros)
            warning.Add(Text($"Its certificate ends in {left / DayMicros} days: issue another."));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
