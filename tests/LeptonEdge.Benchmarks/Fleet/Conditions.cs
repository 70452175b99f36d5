namespace LeptonEdge.Benchmarks.Fleet;

/// <summary>What happens to a fleet, second by second: load waves, links that fade, devices that die and join, load of
/// others. The same for every plan: nothing here depends on where work runs.</summary>
internal sealed class Conditions
{
    private const double Day = 86_400;
    private const int HubAwayEverySeconds = 43_200;
    private readonly World _world;
    private readonly double _from;
    private readonly Random _random;
    private readonly PriorityQueue<Happening, (int Second, int Number)> _happenings = new();
    private readonly double[] _level;
    private readonly double[] _noise;
    private readonly double[] _surge;
    private readonly double[] _own;
    private int _number;

    /// <param name="from">Hour of the day at which it begins.</param>
    public Conditions(World world, int seed, int seconds, double from = 0)
    {
        (_world, _from, _random) = (world, from * 3600, new Random(seed ^ 0x5eed));
        var (nodes, sites) = (world.Nodes.Length, world.Sites.Length);
        (Foreign, Speed, Alive, Joined) = (new double[nodes], new double[nodes], new bool[nodes], new bool[nodes]);
        (UplinkBytes, UplinkRtt, Dirty) = (new double[sites], new double[sites], new bool[sites]);
        (_level, _noise, _surge) = (new double[sites], new double[sites], new double[sites]);
        (Rate, _own) = (new double[world.Workloads.Length], new double[world.Workloads.Length]);
        Array.Fill(Speed, 1);
        Array.Fill(Alive, true);
        Array.Fill(Joined, true);
        Array.Fill(_surge, 1);
        Array.Fill(_own, 1);
        HubUp = true;
        for (var site = 0; site < sites; site++)
            Start(site);
        for (var node = 0; node < nodes; node++)
            StartNode(node);
        for (var workload = 0; workload < _own.Length; workload++)
            At(_random.Next(600), new Happening(What.Own, workload));
        var outages = Math.Max(1, seconds / HubAwayEverySeconds);
        for (var outage = 1; outage <= outages; outage++)
            At((int)(seconds * (outage - Between(0.3, 0.7)) / outages), new Happening(What.HubAway, 0));
        Advance(0);
    }

    /// <summary>Windows a second of each workload.</summary>
    public double[] Rate { get; }

    /// <summary>Share of each node that something else takes.</summary>
    public double[] Foreign { get; }

    /// <summary>Share of its speed that heat leaves each node.</summary>
    public double[] Speed { get; }

    public bool[] Alive { get; }

    /// <summary>Devices that have ever been there: before that they have no windows.</summary>
    public bool[] Joined { get; }

    /// <summary>What each site's uplink carries now; 0 while it is cut.</summary>
    public double[] UplinkBytes { get; }

    public double[] UplinkRtt { get; }

    /// <summary>Planner and workers of the hub answer.</summary>
    public bool HubUp { get; private set; }

    /// <summary>The hub's own load, or whether it answers, changed in the last step.</summary>
    public bool HubDirty { get; private set; }

    /// <summary>Sites in which something changed in the last step.</summary>
    public bool[] Dirty { get; }

    private enum What
    {
        Level, Surge, SurgeEnd, Own, Load, Burst, Fade, FadeEnd, Death, Birth, Hot, Cool, HubAway, HubBack,
    }

    private readonly record struct Happening(What What, int At);

    /// <summary>Moves on to a second.</summary>
    public void Advance(int second)
    {
        Array.Clear(Dirty);
        HubDirty = false;
        while (_happenings.TryPeek(out var happening, out var when) && when.Second <= second)
        {
            _happenings.Dequeue();
            Happen(happening, second);
        }
    }

    private void Start(int site)
    {
        var spec = _world.Sites[site];
        (UplinkBytes[site], UplinkRtt[site]) = (spec.UplinkBytesPerSecond, spec.UplinkRttSeconds);
        At(0, new Happening(What.Level, site));
        At(Next(6 * 3600), new Happening(What.Surge, site));
        At(Next(spec.Mobile ? 2 * 3600 : 12 * 3600), new Happening(What.Fade, site));
    }

    private void StartNode(int node)
    {
        At(0, new Happening(What.Load, node));
        if (node >= _world.Devices)
            return;
        At(Next(4 * 3600), new Happening(What.Burst, node));
        if (_random.NextDouble() < 0.03)
        {
            (Alive[node], Joined[node]) = (false, false);
            At(Next(6 * 3600), new Happening(What.Birth, node));
        }
        else
        {
            At(Next(48 * 3600), new Happening(What.Death, node));
        }

        if (_random.NextDouble() < 0.05)
            At((int)(Day * Between(0.45, 0.55)), new Happening(What.Hot, node));
    }

    private void Happen(Happening happening, int second)
    {
        var (what, at) = happening;
        switch (what)
        {
            case What.Level:
                _noise[at] = (0.7 * _noise[at]) + (0.1 * Normal());
                var wave = DayWave(second + _from, _world.Sites[at].Phase);
                _level[at] = Math.Clamp(wave * Math.Exp(_noise[at]), 0.1, 2.5);
                SetRates(at);
                At(second + _random.Next(30, 90), happening);
                break;
            case What.Surge or What.SurgeEnd:
                Surge(at, what == What.Surge, second);
                break;
            case What.Own:
                _own[at] = Between(0.7, 1.3);
                SetRate(at);
                Touch(_world.Workloads[at].Site);
                At(second + _random.Next(300, 1200), happening);
                break;
            case What.Load or What.Burst:
                Load(at, what == What.Burst, second);
                break;
            case What.Fade or What.FadeEnd:
                Fade(at, what == What.Fade, second);
                break;
            case What.Death or What.Birth:
                Alive[at] = what == What.Birth;
                Joined[at] |= Alive[at];
                Touch(_world.Nodes[at].Site);
                At(second + (Alive[at] ? Next(48 * 3600) : _random.Next(60, 1800)),
                    new Happening(Alive[at] ? What.Death : What.Birth, at));
                break;
            case What.Hot or What.Cool:
                Speed[at] = what == What.Hot ? Between(0.65, 0.85) : 1;
                Touch(_world.Nodes[at].Site);
                At(second + (what == What.Hot ? 4 * 3600 : 20 * 3600),
                    new Happening(what == What.Hot ? What.Cool : What.Hot, at));
                break;
            default:
                HubUp = what == What.HubBack;
                HubDirty = true;
                if (!HubUp)
                    At(second + _random.Next(60, 300), new Happening(What.HubBack, 0));
                break;
        }
    }

    /// <summary>Most by day, least by night, two shifts.</summary>
    private static double DayWave(double second, double phase)
    {
        var day = (second / Day) + phase;
        return 1 + (0.45 * Math.Sin(2 * Math.PI * (day - 0.3))) + (0.12 * Math.Sin(4 * Math.PI * day));
    }

    private void Surge(int site, bool begins, int second)
    {
        _surge[site] = begins ? Between(1.3, 1.9) : 1;
        SetRates(site);
        At(second + (begins ? _random.Next(300, 1200) : Next(6 * 3600)),
            new Happening(begins ? What.SurgeEnd : What.Surge, site));
    }

    /// <summary>Little most of the time; now and then something takes most of the machine for a while.</summary>
    private void Load(int node, bool burst, int second)
    {
        var hub = node >= _world.Devices;
        if (burst)
        {
            Foreign[node] = Between(0.4, 0.92);
            At(second + Next(4 * 3600), new Happening(What.Burst, node));
        }
        else
        {
            // A burst lasts until the next change of the load.
            Foreign[node] = hub
                ? _random.NextDouble() < 0.05 ? Between(0.3, 0.6) : Between(0.05, 0.25)
                : Between(0.02, 0.12);
            At(second + (hub ? _random.Next(120, 600) : _random.Next(30, 180)), new Happening(What.Load, node));
        }

        if (hub)
            HubDirty = true;
        else
            Touch(_world.Nodes[node].Site);
    }

    private void Fade(int site, bool begins, int second)
    {
        var spec = _world.Sites[site];
        var cut = begins && _random.NextDouble() < 0.2;
        UplinkBytes[site] = cut ? 0 : spec.UplinkBytesPerSecond * (begins ? Between(0.02, 0.4) : 1);
        UplinkRtt[site] = spec.UplinkRttSeconds * (begins ? Between(1.5, 6) : 1);
        Touch(site);
        At(second + (begins ? _random.Next(60, 1200) : Next(spec.Mobile ? 2 * 3600 : 12 * 3600)),
            new Happening(begins ? What.FadeEnd : What.Fade, site));
    }

    private void SetRates(int site)
    {
        foreach (var workload in _world.Sites[site].Workloads)
            SetRate(workload);
        Touch(site);
    }

    private void SetRate(int workload)
    {
        var spec = _world.Workloads[workload];
        Rate[workload] = spec.WindowsPerSecond * _own[workload] * _level[spec.Site] * _surge[spec.Site];
    }

    private void Touch(int site) => Dirty[site] = true;

    private void At(int second, Happening happening) => _happenings.Enqueue(happening, (second, _number++));

    private int Next(double mean) => 1 + (int)(-mean * Math.Log(1 - _random.NextDouble()));

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private double Between(double low, double high) => low + ((high - low) * _random.NextDouble());
}
