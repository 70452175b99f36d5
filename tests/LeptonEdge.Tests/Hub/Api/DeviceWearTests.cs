using LeptonEdge.Hub.Api.Devices;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Tests.Hub.Api;

public sealed class DeviceWearTests
{
    private const long Now = 1_800_000_000_000_000;
    private const long Day = 86_400_000_000;

    [Fact]
    public void A_cool_device_with_room_and_a_young_certificate_needs_nothing() => Says(Well(), 0, 0);

    [Fact]
    public void A_device_that_tells_nothing_is_not_accused() => Says(new ReportedState(), 0, 0);

    [Theory]
    [InlineData(84.9, 1.0, 0)]
    [InlineData(85.0, 1.0, 1)]
    [InlineData(40.0, 0.94, 1)]
    [InlineData(90.0, 0.5, 2)]
    public void Heat_and_what_it_costs_of_the_speed_are_warnings(double celsius, double speed, int warnings)
    {
        var state = Well();
        (state.TemperatureCelsius, state.SpeedShare) = (celsius, speed);
        Says(state, 0, warnings);
    }

    [Theory]
    [InlineData(64_000_000_000, 4_000_000_000, 0)]
    [InlineData(64_000_000_000, 3_100_000_000, 1)]
    [InlineData(4_000_000_000, 490_000_000, 1)]
    public void A_disk_that_is_nearly_full_is_a_warning(long bytes, long free, int warnings)
    {
        var state = Well();
        (state.Storage.Bytes, state.Storage.FreeBytes) = ((ulong)bytes, (ulong)free);
        Says(state, 0, warnings);
    }

    [Theory]
    [InlineData(79, 0)]
    [InlineData(81, 1)]
    public void An_outbox_near_its_limit_is_a_warning(int percent, int warnings)
    {
        var state = Well();
        state.Storage.OutboxBytes = state.Storage.OutboxLimitBytes / 100 * (ulong)percent;
        Says(state, 0, warnings);
    }

    [Theory]
    [InlineData(31, 0, 0)]
    [InlineData(29, 0, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(-1, 1, 0)]
    public void A_certificate_that_ends_soon_is_a_warning_and_then_critical(int days, int critical, int warnings)
    {
        var state = Well();
        state.Certificate.ExpiresMicros = Now + days * Day + 1;
        Says(state, critical, warnings);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Any_time_that_a_report_may_name_is_judged(long expires)
    {
        var state = Well();
        state.Certificate.ExpiresMicros = expires;
        DeviceWear.Judge(state, Now, [], []);
    }

    private static void Says(ReportedState state, int critical, int warnings)
    {
        var (worst, bad) = (new List<string>(), new List<string>());
        DeviceWear.Judge(state, Now, worst, bad);
        Assert.Equal((critical, warnings), (worst.Count, bad.Count));
    }

    private static ReportedState Well() => new()
    {
        TemperatureCelsius = 52,
        SpeedShare = 1,
        Storage = new ReportedStorage
        {
            Bytes = 64_000_000_000, FreeBytes = 30_000_000_000, OutboxBytes = 0, OutboxLimitBytes = 1_000_000_000,
        },
        Certificate = new ReportedCertificate { ExpiresMicros = Now + 300 * Day },
    };
}
