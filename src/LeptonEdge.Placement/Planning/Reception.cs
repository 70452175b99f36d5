namespace LeptonEdge.Placement.Planning;

/// <summary>What a report means for the next decision.</summary>
/// <param name="IsUrgent">Something may have to move at once.</param>
/// <param name="IsSoft">Something may be cheaper elsewhere.</param>
internal readonly record struct ReportNews(bool IsUrgent, bool IsSoft);

/// <summary>Takes reports in: doubts what cannot be, and hands on what can.</summary>
internal sealed class Reception(
    PlannerRules rules, ProfileBook profiles, FleetBuilder builder, Attendance attendance, MoveKeeper moves)
{
    public ReportNews Receive(DeviceTrack device, DeviceReport report, long nowMicros)
    {
        var since = nowMicros - device.SeenMicros;
        var isBack = attendance.Hear(device, nowMicros);
        // Beside the last report, believed or not: a clock that was set right must not stay a lie for ever.
        var before = device.Heard;
        device.Heard = report;
        if (ReportCheck.Fault(report, before, since) is { } fault)
        {
            if (device.Distrust is null)
            {
                builder.Dirty(device);
                attendance.Mark(device);
            }

            device.Doubt(fault);
            return new ReportNews(isBack, false);
        }

        if (device.Distrust is not null && ++device.SaneReports < rules.SaneReports)
            return new ReportNews(isBack, false);
        if (device.Distrust is not null)
        {
            device.Believe();
            builder.Dirty(device);
            attendance.Mark(device);
        }

        var news = Take(device, report, nowMicros);
        return news with { IsUrgent = news.IsUrgent || isBack };
    }

    private ReportNews Take(DeviceTrack device, DeviceReport report, long nowMicros)
    {
        var first = device.Report is null;
        var sameRun = device.Report?.StartedMicros == report.StartedMicros;
        var overloaded = device.Overloaded;
        var linkUp = device.LinkUp;
        var (changed, missing) = moves.Take(device, report, sameRun, nowMicros);
        foreach (var track in device.Workloads)
            track.TakeUnsure(nowMicros);
        device.Take(report, nowMicros, rules, profiles);
        builder.Place(device);
        Measure(device, report, first, nowMicros);
        var urgent = missing || (device.Overloaded && !overloaded) || (linkUp && !device.LinkUp);
        if (changed || urgent)
            builder.Dirty(device);
        return new ReportNews(urgent, builder.Compare(device, nowMicros) || device.Overloaded);
    }

    private void Measure(DeviceTrack device, DeviceReport report, bool first, long nowMicros)
    {
        // As on a board at full speed: what heat takes away is the one device's, not the board's.
        var share = Math.Min(1, report.SpeedShare);
        foreach (var workload in report.Workloads)
        {
            var cost = new MeasuredCost(
                workload.SplitSeconds * share, workload.SplitP99Seconds * share,
                workload.OnAccelerator ? report.AcceleratorWatts : report.WattsPerCore, workload.ModelBytes,
                workload.OnAccelerator);
            if (profiles.MeasureSplit(workload.Model, report.Board, cost, nowMicros))
                builder.AllDirty();
            // In a cascade its own model runs at home as ever.
            var away = workload is { RunsOn: { } node, Recipe: not PlanNames.Cascade } && node != device.Name;
            if (away && !first)
                continue;
            // Who is away when the planner starts must have a way home, though nobody has measured it there.
            var seconds = workload.ServiceSeconds > 0 ? workload.ServiceSeconds
                : report.ServiceSeconds > 0 ? report.ServiceSeconds
                : away ? profiles.Guess(workload.Model) ?? 0 : workload.ServiceP99Seconds / 2;
            cost = cost with { Seconds = seconds * share, P99Seconds = workload.ServiceP99Seconds * share };
            if (profiles.Measure(workload.Model, report.Board, cost, nowMicros))
                builder.AllDirty();
        }
    }
}
