using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>How much of each capacity of a fleet is taken, and what one more workload would take of it. One thread at a
/// time.</summary>
internal sealed class LoadTable
{
    /// <summary>Resources of each node; behind those of all nodes come the uplinks of the sites.</summary>
    public const int PerNode = 5;
    private const int Accelerators = 2;

    private const int UsesMax = 24;
    private const double Rounding = 1e-9;
    private static readonly string[] Names = ["cores", "memory", "accelerators", "energy budget", "link"];

    private readonly IReadOnlyList<NodeState> _nodes;
    private readonly IReadOnlyList<SiteState> _sites;
    private readonly double[] _capacity;
    private readonly double[] _full;
    private readonly double[] _load;
    private readonly (int Resource, double Amount)[] _uses = new (int, double)[UsesMax];
    private int _useCount;

    public LoadTable(IReadOnlyList<NodeState> nodes, IReadOnlyList<SiteState> sites)
    {
        (_nodes, _sites) = (nodes, sites);
        _load = new double[(nodes.Count * PerNode) + sites.Count];
        _capacity = new double[_load.Length];
        for (var node = 0; node < nodes.Count; node++)
        {
            var (capacity, link) = (nodes[node].Capacity, nodes[node].Link);
            ReadOnlySpan<double> own =
                [capacity.Cores, capacity.MemoryBytes, capacity.Accelerators, capacity.Watts, link.BytesPerSecond];
            own.CopyTo(_capacity.AsSpan(node * PerNode));
        }

        for (var site = 0; site < sites.Count; site++)
            _capacity[(nodes.Count * PerNode) + site] = sites[site].Uplink.BytesPerSecond;
        _full = [.. _capacity];
    }

    /// <summary>Core-seconds that are taken each second.</summary>
    public double CoresTaken(int node) => _load[node * PerNode];

    /// <summary>Begins to say what one workload would use.</summary>
    public void StartUse() => _useCount = 0;

    public void Use(int resource, double amount)
    {
        if (amount > 0 && !double.IsPositiveInfinity(_capacity[resource]))
            _uses[_useCount++] = (resource, amount);
    }

    /// <summary>Core-seconds that it would use of a node each second.</summary>
    public double CoresOf(int node) => Of(node * PerNode);

    /// <summary>Accelerator-seconds that are taken each second.</summary>
    public double AcceleratorsTaken(int node) => _load[(node * PerNode) + Accelerators];

    /// <summary>Accelerator-seconds that it would use of a node each second.</summary>
    public double AcceleratorsOf(int node) => Of((node * PerNode) + Accelerators);

    private double Of(int resource)
    {
        for (var at = 0; at < _useCount; at++)
        {
            if (_uses[at].Resource == resource)
                return _uses[at].Amount;
        }

        return 0;
    }

    /// <summary>Whether it would use one of these.</summary>
    public bool Uses(HashSet<string> names)
    {
        for (var at = 0; at < _useCount; at++)
        {
            if (names.Contains(Name(_uses[at].Resource)))
                return true;
        }

        return false;
    }

    /// <summary>The resource that it lacks; null when there is room. What it uses where it is now counts until
    /// <see cref="Remove"/>.</summary>
    public string? Lacks()
    {
        for (var at = 0; at < _useCount; at++)
        {
            var (resource, amount) = _uses[at];
            if (_load[resource] + amount > _capacity[resource] * (1 + Rounding))
                return Name(resource);
        }

        return null;
    }

    /// <summary>What it uses and is used beyond its capacity already; null when nothing is.</summary>
    public string? Over()
    {
        for (var at = 0; at < _useCount; at++)
        {
            var resource = _uses[at].Resource;
            if (_load[resource] > _capacity[resource] * (1 + Rounding))
                return Name(resource);
        }

        return null;
    }

    /// <summary>Says how much a node could do if plans left nothing free, core-seconds and accelerator-seconds each
    /// second.</summary>
    public void SetFull(int node, double cores, double accelerators) =>
        (_full[node * PerNode], _full[(node * PerNode) + Accelerators]) = (cores, accelerators);

    /// <summary>Whether something that it uses is asked for more than it can do.</summary>
    public bool IsFull()
    {
        for (var at = 0; at < _useCount; at++)
        {
            var resource = _uses[at].Resource;
            if (_load[resource] > _full[resource] * (1 + Rounding))
                return true;
        }

        return false;
    }

    /// <summary>Counts it.</summary>
    public void Add()
    {
        for (var at = 0; at < _useCount; at++)
            _load[_uses[at].Resource] += _uses[at].Amount;
    }

    /// <summary>Counts it no longer.</summary>
    public void Remove()
    {
        for (var at = 0; at < _useCount; at++)
            _load[_uses[at].Resource] -= _uses[at].Amount;
    }

    private string Name(int resource)
    {
        var node = Math.DivRem(resource, PerNode, out var kind);
        return node < _nodes.Count
            ? $"{Names[kind]} of {_nodes[node].Name}"
            : $"uplink of {_sites[resource - (_nodes.Count * PerNode)].Name}";
    }
}
