using System.Globalization;
using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads the section <c>planner</c> of <c>hub.yaml</c>.</summary>
internal static class PlanningConfiguration
{
    private const double DaySeconds = 86_400;
    private const int BlackoutsMax = 64;
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static PlanningOptions Read(YamlSection? section)
    {
        if (section is null)
            return new PlanningOptions();
        var rules = ReadHolds(section, ReadShares(section, new PlannerRules()));
        foreach (var fault in rules.Faults().Select(text => text.Split(": ", 2)))
            section.Fault(fault[0], fault[1]);
        var options = new PlanningOptions
        {
            Every = section.Seconds("every_seconds", TimeSpan.FromMilliseconds(500), 0.1, 60),
            Rules = rules,
            Blackouts = [.. section.Sections("blackouts", BlackoutsMax).Select(ReadBlackout)],
        };
        section.RefuseUnknown();
        return options;
    }

    private static PlannerRules ReadShares(YamlSection section, PlannerRules standard) => standard with
    {
        LeaveShare = section.Number("leave_share", standard.LeaveShare, 0.1, 1),
        ReturnShare = section.Number("return_share", standard.ReturnShare, 0.05, 0.95),
        LaneBusy = section.Number("lane_busy", standard.LaneBusy, 0.1, 0.99),
        LaneCalm = section.Number("lane_calm", standard.LaneCalm, 0.05, 0.95),
        HubBusy = section.Number("hub_busy", standard.HubBusy, 0.1, 0.99),
        LinkBusy = section.Number("link_busy", standard.LinkBusy, 0.1, 1),
        MissShare = section.Number("miss_share", standard.MissShare, 0.001, 1),
        MovesPerMinute = section.Whole("moves_per_minute", standard.MovesPerMinute, 1, 100_000),
        LinkBytesPerSecond = section.Number(
            "bandwidth_bytes_per_second", standard.LinkBytesPerSecond, 1_000, 1e11),
        SiteBytesPerSecond = section.Number(
            "site_bytes_per_second", standard.SiteBytesPerSecond, 1_000, 1e11),
    };

    private static PlannerRules ReadHolds(YamlSection section, PlannerRules standard) => standard with
    {
        LookAhead = Seconds(section, "look_ahead_seconds", standard.LookAhead),
        Hold = Seconds(section, "hold_seconds", standard.Hold),
        ReturnHold = Seconds(section, "return_hold_seconds", standard.ReturnHold),
        ReturnHoldMax = Seconds(section, "return_hold_max_seconds", standard.ReturnHoldMax),
        RelapseWithin = Seconds(section, "relapse_within_seconds", standard.RelapseWithin),
        SettleTime = Seconds(section, "settle_seconds", standard.SettleTime),
        SilentAfter = Seconds(section, "silent_after_seconds", standard.SilentAfter),
        StartGrace = Seconds(section, "start_grace_seconds", standard.StartGrace),
        PrepareWithin = Seconds(section, "prepare_within_seconds", standard.PrepareWithin),
        AvoidFor = Seconds(section, "avoid_seconds", standard.AvoidFor),
        AvoidForMax = Seconds(section, "avoid_max_seconds", standard.AvoidForMax),
        ConsiderEvery = Seconds(section, "consider_every_seconds", standard.ConsiderEvery),
        BatteryLasts = section.Seconds("battery_lasts_seconds", standard.BatteryLasts, 60, 100 * DaySeconds),
    };

    private static TimeSpan Seconds(YamlSection section, string key, TimeSpan standard) =>
        section.Seconds(key, standard, 0, DaySeconds);

    private static Blackout ReadBlackout(YamlSection section)
    {
        var blackout = new Blackout(ReadTime(section, "from"), ReadTime(section, "to"), ReadDays(section));
        foreach (var fault in blackout.Faults())
            section.Fault("from", fault);
        section.RefuseUnknown();
        return blackout;
    }

    private static TimeSpan ReadTime(YamlSection section, string key)
    {
        if (section.RequiredText(key, "give a time of the day in UTC, such as '22:00'") is not { } text)
            return TimeSpan.Zero;
        if (text == "24:00")
            return TimeSpan.FromDays(1);
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return time.ToTimeSpan();
        section.Fault(key, $"'{text}' is no time of the day: write it as '22:00'");
        return TimeSpan.Zero;
    }

    private static int ReadDays(YamlSection section)
    {
        if (!section.Has("days"))
            return Blackout.EveryDay;
        var days = 0;
        foreach (var text in section.Texts("days", Days.Length))
        {
            var day = Array.IndexOf(Days, text);
            if (day < 0)
                section.Fault("days", $"'{text}' is no day: use {string.Join(", ", Days)}");
            else
                days |= 1 << day;
        }

        return days == 0 ? Blackout.EveryDay : days;
    }
}
