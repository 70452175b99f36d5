using System.Globalization;
using LeptonEdge.Core;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What the planner knows of one device: its last sane report, smoothed figures, and whether it is
/// believed.</summary>
internal sealed class DeviceTrack(string name)
{
    // Below these a rise is noise of an idle device; and no trend is sure enough to foretell a full one.
    private const double TrendFrom = 0.25;
    private const double TrendMin = 0.05;
    private const double TrendUpTo = 0.95;
    private const double BusyMin = 0.5;
    private const double OwnLimit = 0.8;

    // Less than this is noise, which moves nothing and only costs time.
    private const double Noticeable = 0.1;
    private const double NoticeableTime = 0.5;
    private const double NoticeableSeconds = 0.0005;
    private static readonly TimeSpan LoadConstant = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LinkConstant = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OwnLinkConstant = TimeSpan.FromMinutes(10);

    private Measured _foreign;
    private Measured _rtt;
    private Measured _bandwidth;
    private Measured _link;
    private Measured _service;
    private double _latest;
    private double _trend;

    public string Name => name;

    public DeviceReport? Report { get; private set; }

    /// <summary>Its last report, believed or not.</summary>
    public DeviceReport? Heard { get; set; }

    public SiteTrack? Site { get; set; }

    public List<WorkloadTrack> Workloads { get; private set; } = [];

    public long SeenMicros { get; set; }

    public bool Down { get; set; }

    public bool Drained { get; set; }

    /// <summary>Why it is not believed; null while it is.</summary>
    public string? Distrust { get; private set; }

    public int SaneReports { get; set; }

    /// <summary>Cores that the plan has given away here.</summary>
    public double PlacedCores { get; set; }

    /// <summary>Memory of what the plan has given away here: it is in use already.</summary>
    public double PlacedBytes { get; set; }

    /// <summary>Cores that others' workloads take now.</summary>
    public double GuestCores { get; set; }

    /// <summary>What the built state says of it.</summary>
    public NodeState? Built { get; set; }

    /// <summary>Cores, as if they ran at their full speed.</summary>
    public double Speed => Report is { } report ? report.Cores * SpeedShare : 0;

    // What is placed here has its memory. Its own models stay in it when their windows go elsewhere; coming home asks for
    // it once more, which errs on the safe side.
    private double MemoryBytes => Report!.FreeMemoryBytes is { } free
        ? Grid.Amount(free) + PlacedBytes
        : Report.MemoryBytes;

    private double SpeedShare => Math.Min(1, Report?.SpeedShare ?? 1);

    /// <summary>Load that is not the plan's, in cores; now, and where its rise leads.</summary>
    public double Foreign => _foreign.Value;

    public double Ahead { get; private set; }

    public double Busy { get; private set; }

    /// <summary>When its load was last measured.</summary>
    public long MeasuredMicros => _foreign.AtMicros;

    public double RttSeconds => _rtt.Value;

    public bool LinkUp => Report is { HubRttSeconds: > 0 };

    public double ServiceSeconds => _service.Value;

    public void Doubt(string reason) => (Distrust, SaneReports) = (reason, 0);

    public void Believe() => Distrust = null;

    /// <summary>Takes over a report that is believed.</summary>
    public void Take(DeviceReport report, long nowMicros, PlannerRules rules, ProfileBook profiles)
    {
        var before = Report;
        Report = report;
        if (report.ServiceSeconds > 0)
            _service.Take(report.ServiceSeconds * SpeedShare, nowMicros, LinkConstant);
        if (report.HubRttSeconds <= 0 || before is not { HubRttSeconds: > 0 })
            _rtt.Set(report.HubRttSeconds, nowMicros);
        else
            _rtt.Take(report.HubRttSeconds, nowMicros, LinkConstant);
        if (report.LinkBytesPerSecond > 0)
            TakeBandwidth(report.LinkBytesPerSecond, nowMicros);
        var foreign = Math.Max(0, (Math.Min(1, report.Utilisation) * Speed) - OwnCores(profiles) - GuestCores);
        var passed = (nowMicros - _foreign.AtMicros) / 1e6;
        _trend = before?.StartedMicros == report.StartedMicros && passed is >= 0.2 and <= 5
            ? (foreign - _latest) / passed
            : 0;
        _latest = foreign;
        _foreign.TakeHigh(foreign, nowMicros, LoadConstant);
        var rising = _foreign.Value >= TrendFrom * Speed && _trend >= TrendMin * Speed;
        Ahead = rising
            ? Math.Max(foreign, Math.Min(TrendUpTo * Speed, foreign + (_trend * rules.LookAhead.TotalSeconds)))
            : _foreign.Value;
        Busy = BusyShare(rules, profiles);
    }

    // Only the way to the hub is measured. That it got slower says little of the device's own link, which leads to its
    // peers too: most often what all devices of its site share beyond that is at fault.
    private void TakeBandwidth(double bytesPerSecond, long nowMicros)
    {
        _bandwidth.Take(bytesPerSecond, nowMicros, LinkConstant);
        _link.TakeHigh(_bandwidth.Value, nowMicros, OwnLinkConstant);
    }

    /// <summary>Bytes a second that would get to the hub from here; null while unknown.</summary>
    public double? ToHubBytes => LinkUp && _bandwidth.IsKnown ? _bandwidth.Value : null;

    /// <summary>The most that got to the hub lately; 0 while unknown.</summary>
    public double MostToHubBytes => _link.Value;

    /// <summary>As <see cref="ToHubBytes"/> when the state was built.</summary>
    public double? BuiltToHubBytes { get; set; }

    /// <summary>Bytes a second that the plan sends from here to the hub.</summary>
    public double HubBytes { get; set; }

    /// <summary>The figures as the solver takes them.</summary>
    public NodeState ToState(PlannerRules rules)
    {
        var report = Report!;
        var price = rules.Book.For(Core.Pricing.NodeKind.Device, report.Site);
        var cores = Math.Max(0, (Busy * Speed) - Ahead);
        // What waits for an accelerator waits as for a core: neither is filled to the brim.
        var accelerators = report.Accelerators * rules.LaneBusy * SpeedShare;
        var watts = report.BatteryJoules is { } joules
            ? joules / rules.BatteryLasts.TotalSeconds
            : double.PositiveInfinity;
        return new NodeState(
            name, report.Board, new NodeCapacity(Grid.Amount(cores), MemoryBytes, accelerators, watts),
            Link(rules))
        {
            QueueSeconds = Grid.Time(QueueSeconds()),
            PricePerCoreSecond = price.CoreSecond,
            // A core that waits for an accelerator is charged with it: together they cost what the accelerator does.
            PricePerAcceleratorSecond = report.Workloads.Any(static workload => workload.OnAccelerator)
                ? Math.Max(0, price.AcceleratorSecond - price.CoreSecond)
                : price.AcceleratorSecond,
            PricePerKwh = price.KilowattHour,
            Down = Down,
            Drained = Drained,
        };
    }

    /// <summary>Whether it differs by more than noise from what was built of it.</summary>
    public bool Differs(NodeState built, PlannerRules rules)
    {
        var now = ToState(rules);
        return Differs(ToHubBytes ?? 0, BuiltToHubBytes ?? 0)
            || Differs(now.Capacity.Cores, built.Capacity.Cores) || Differs(now.Capacity.Watts, built.Capacity.Watts)
            || Differs(now.Capacity.MemoryBytes, built.Capacity.MemoryBytes)
            || Differs(now.Link.BytesPerSecond, built.Link.BytesPerSecond)
            || Slower(now.Link.RttSeconds, built.Link.RttSeconds) || Slower(now.QueueSeconds, built.QueueSeconds)
            || now != built with
            {
                Capacity = now.Capacity with
                {
                    MemoryBytes = built.Capacity.MemoryBytes, Accelerators = built.Capacity.Accelerators,
                },
                Link = now.Link, QueueSeconds = now.QueueSeconds, Drained = now.Drained,
            };
    }

    private static bool Differs(double now, double built) =>
        now != built && Math.Abs(now - built) > Noticeable * Math.Max(now, built);

    private static bool Slower(double now, double built) =>
        Math.Abs(now - built) > Math.Max(NoticeableSeconds, NoticeableTime * built);

    /// <summary>Cores up to which work may move here by choice.</summary>
    public double CalmCores(PlannerRules rules) => Math.Max(0, (rules.LaneCalm * Speed) - Math.Max(_latest, Foreign));

    /// <summary>The plan asks more of it than it can do in time.</summary>
    public bool Overloaded => PlacedCores > 0 && PlacedCores > (Busy * Speed) - Ahead;

    /// <summary>What it has to do by itself leaves it nothing for workloads.</summary>
    public bool IsFull => Report is not null && (Busy * Speed) - Ahead <= 0;

    /// <summary>What an operator should know beside each of its workloads; null while all is well.</summary>
    public string? Mark()
    {
        if (!Down)
            return Distrust is { } fault ? $"{name} is not believed ({fault})" : null;
        var seen = TimeProviderExtensions.FromUnixMicros(SeenMicros);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is silent since {seen:yyyy-MM-dd HH:mm:ss} UTC, and what has no other place it answers by itself");
    }

    public WorkloadTrack? Find(string workload)
    {
        foreach (var track in Workloads)
        {
            if (track.Report.Name == workload)
                return track;
        }

        return null;
    }

    public void Replace(List<WorkloadTrack> workloads) => Workloads = workloads;

    private LinkState Link(PlannerRules rules) => new(
        // What waits for a link waits as for a core: it is not filled to the brim.
        LinkUp ? Grid.Amount(rules.LinkBusy * OwnLink(rules)) : 0,
        Grid.Time(Math.Max(0, _rtt.Value - (Site?.UplinkRttSeconds ?? 0))));

    // Where others of the site get more through, its own link is what limits it; else what they share may.
    private double OwnLink(PlannerRules rules) => _link.IsKnown && _link.Value < OwnLimit * (Site?.MostToHubBytes ?? 0)
        ? _link.Value
        : Site is { Devices.Count: > 1 }
            ? Math.Max(_link.Value, rules.SiteBytesPerSecond)
            : _link.IsKnown ? _link.Value : rules.LinkBytesPerSecond;

    private double QueueSeconds() => Speed <= 0
        ? 0
        : QueueModel.WaitP99Seconds(_service.Value / Speed, Math.Min(Busy, (Ahead + PlacedCores) / Speed))
            + (_service.Value * Math.Log(100) * ((1 / SpeedShare) - 1));

    private double OwnCores(ProfileBook profiles)
    {
        var cores = 0.0;
        foreach (var workload in Report!.Workloads)
        {
            if (workload.RunsOn is null || workload.RunsOn == name)
                cores += workload.WindowsPerSecond * Seconds(workload, profiles);
            else if (workload.Recipe != PlanNames.Whole)
                cores += workload.WindowsPerSecond * NearSeconds(workload, profiles);
        }

        return cores;
    }

    // The near part is the plan's as well: it must not pass for a load of the device's own.
    private double NearSeconds(WorkloadReport workload, ProfileBook profiles) =>
        profiles.FindNear(workload.Model, workload.Recipe, Report!.Board)?.CoreSeconds ?? 0;

    private double Seconds(WorkloadReport workload, ProfileBook profiles) =>
        profiles.Find(workload.Model, Report!.Board)?.CoreSeconds ?? _service.Value;

    /// <summary>How busy it may be before the wait threatens the tightest of its deadlines.</summary>
    private double BusyShare(PlannerRules rules, ProfileBook profiles)
    {
        var share = rules.LaneBusy;
        if (Speed <= 0 || _service.Value <= 0)
            return share;
        foreach (var workload in Report!.Workloads)
        {
            var service = profiles.Find(workload.Model, Report.Board)?.ServiceSeconds
                ?? _service.Value * Math.Log(100);
            share = Math.Min(share, Math.Max(BusyMin, Fill((rules.LeaveShare * workload.DeadlineSeconds) - service)));
        }

        return share;

        double Fill(double wait)
        {
            if (QueueModel.WaitP99Seconds(_service.Value / Speed, share) <= wait)
                return share;
            var (low, high) = (BusyMin, share);
            for (var step = 0; step < 12; step++)
            {
                var middle = (low + high) / 2;
                if (QueueModel.WaitP99Seconds(_service.Value / Speed, middle) <= wait)
                    low = middle;
                else
                    high = middle;
            }

            return low;
        }
    }
}
