namespace LeptonEdge.Placement.Planning;

/// <summary>Whether a report can be believed. What is impossible distrusts its device; what is merely unlikely does
/// not.</summary>
internal static class ReportCheck
{
    private const double CoresMax = 4096;
    private const double MemoryMax = 1e15;
    private const double WindowsMax = 1e5;
    private const int WorkloadsMax = 256;

    // A measured share may be a little above 1, as its window and its busy time end at different instants.
    private const double ShareMax = 1.05;

    // Work that waits may exceed what a device can do; a thousand times as much is no measurement.
    private const double OverloadMax = 1000;
    private static readonly long StepBackMax = (long)TimeSpan.FromSeconds(1).TotalMicroseconds;
    private static readonly long StepAheadMax = (long)TimeSpan.FromHours(1).TotalMicroseconds;

    /// <summary>The first thing that cannot be; null when the report is sane.</summary>
    /// <param name="before">The last sane report of the device.</param>
    /// <param name="sinceMicros">Time since that one came, by the planner's clock.</param>
    public static string? Fault(DeviceReport report, DeviceReport? before, long sinceMicros)
    {
        if (!(report.Utilisation is >= 0 and <= ShareMax))
            return $"its load is {report.Utilisation:0.##}, which is not within 0 to 1";
        if (!(report.Cores is >= 0 and <= CoresMax))
            return $"it says that it has {report.Cores:0.##} cores";
        if (!(report.MemoryBytes >= 0) || (report.MemoryBytes > MemoryMax && double.IsFinite(report.MemoryBytes)))
            return $"it says that it has {report.MemoryBytes:0} bytes of memory";
        if (report.FreeMemoryBytes is { } free && !(free is >= 0 and <= MemoryMax))
            return $"it says that {free:0} bytes of memory are left";
        if (!(report.AcceleratorWatts is >= 0 and <= Core.Pricing.PowerModel.WattsMax))
            return $"its accelerator draws {report.AcceleratorWatts:0} W";
        if (!(report.Accelerators >= 0))
            return $"it says that it has {report.Accelerators:0.##} accelerators";
        if (!IsTime(report.ServiceSeconds) || !IsTime(report.HubRttSeconds))
            return "a time that it measured is negative or no number";
        if (!(report.SpeedShare is >= 0 and <= ShareMax) || !(report.LinkBytesPerSecond >= 0))
            return "its speed or its bandwidth is out of range";
        if (report.BatteryJoules is { } joules && !(joules >= 0))
            return $"its battery holds {joules:0} J";
        if (!(report.WattsPerCore is >= 0 and <= Core.Pricing.PowerModel.WattsMax))
            return $"a core of it draws {report.WattsPerCore:0} W";
        return TimeFault(report, before, sinceMicros) ?? WorkloadFault(report, before);
    }

    private static string? TimeFault(DeviceReport report, DeviceReport? before, long sinceMicros)
    {
        if (before is null || report.TimeMicros == 0 || report.StartedMicros != before.StartedMicros)
            return null;
        var passed = report.TimeMicros - before.TimeMicros;
        if (passed < -StepBackMax)
            return $"its clock went back by {-passed / 1e6:0} s";
        return passed - sinceMicros > StepAheadMax
            ? $"its clock went {passed / 1e6:0} s ahead within {sinceMicros / 1e6:0} s"
            : null;
    }

    private static string? WorkloadFault(DeviceReport report, DeviceReport? before)
    {
        if (report.Workloads.Count > WorkloadsMax)
            return $"it names {report.Workloads.Count} workloads, at most {WorkloadsMax} are read";
        var work = 0.0;
        for (var at = 0; at < report.Workloads.Count; at++)
        {
            var workload = report.Workloads[at];
            if (Fault(workload) is { } fault)
                return fault;
            for (var other = 0; other < at; other++)
            {
                if (report.Workloads[other].Name == workload.Name)
                    return $"it names {workload.Name} twice";
            }

            work += workload.WindowsPerSecond * report.ServiceSeconds;
        }

        if (work > OverloadMax * Math.Max(1, report.Cores))
            return $"its windows would take {work / Math.Max(1, report.Cores):0} times what it can compute";
        return before?.StartedMicros == report.StartedMicros ? CounterFault(report, before) : null;
    }

    private static string? Fault(WorkloadReport workload)
    {
        if (workload.Name.Length == 0)
            return "one of its workloads has no name";
        if (!(workload.DeadlineSeconds > 0 && double.IsFinite(workload.DeadlineSeconds)))
            return $"{workload.Name} has a deadline of {workload.DeadlineSeconds:0.###} s";
        if (!(workload.WindowsPerSecond is >= 0 and <= WindowsMax))
            return $"{workload.Name} has {workload.WindowsPerSecond:0} windows each second";
        if (!IsTime(workload.ServiceP99Seconds)
            || !(workload.WindowBytes >= 0 && double.IsFinite(workload.WindowBytes)))
            return $"{workload.Name}: its service time or its windows' size is out of range";
        if (workload.UnsureShare is { } share and not (>= 0 and <= 1))
            return $"{workload.Name} is unsure of {share:0.##} of its windows, which is not within 0 to 1";
        if (!IsTime(workload.SplitSeconds) || !IsTime(workload.SplitP99Seconds) || !IsTime(workload.UnsureAgeSeconds))
            return $"{workload.Name}: a time of its split or its cascade is negative or no number";
        if (!(workload.ModelBytes is >= 0 and <= MemoryMax))
            return $"{workload.Name}: its model takes {workload.ModelBytes:0} bytes of memory";
        if (workload.Priority is < 0 or > 9)
            return $"{workload.Name} has priority {workload.Priority}";
        return workload.Answered < 0 || workload.Missed < 0
            ? $"{workload.Name}: a counter is negative"
            : null;
    }

    private static string? CounterFault(DeviceReport report, DeviceReport before)
    {
        // Both lists are in the same order unless the configuration changed, and then so did the start.
        for (var at = 0; at < Math.Min(report.Workloads.Count, before.Workloads.Count); at++)
        {
            var (now, then) = (report.Workloads[at], before.Workloads[at]);
            if (now.Name == then.Name && (now.Answered < then.Answered || now.Missed < then.Missed))
                return $"{now.Name}: a counter went back";
        }

        return null;
    }

    private static bool IsTime(double seconds) => seconds >= 0 && double.IsFinite(seconds);
}
