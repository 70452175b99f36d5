namespace LeptonEdge.Placement.Solving;

/// <summary>A table while it grows.</summary>
internal sealed class TableDraft(int items)
{
    private readonly int[] _optionStart = new int[items + 1];
    private readonly int[] _running = new int[items];
    private readonly bool[] _wasRunning = new bool[items];
    private double[] _cost = new double[Math.Max(16, items * 16)];
    private OptionPlace[] _places = new OptionPlace[Math.Max(16, items * 16)];
    private int[] _useStart = new int[Math.Max(16, items * 16) + 1];
    private Use[] _uses = new Use[Math.Max(64, items * 64)];
    private int _options, _useCount, _first, _now;

    public void Begin() => (_first, _now) = (_options, -1);

    public void Add(OptionPlace place, double cost, ReadOnlySpan<Use> uses)
    {
        if (_options == _cost.Length)
        {
            Array.Resize(ref _cost, _options * 2);
            Array.Resize(ref _places, _options * 2);
            Array.Resize(ref _useStart, (_options * 2) + 1);
        }

        if (_useCount + uses.Length > _uses.Length)
            Array.Resize(ref _uses, Math.Max(_uses.Length * 2, _useCount + uses.Length));
        (_cost[_options], _places[_options]) = (cost, place);
        uses.CopyTo(_uses.AsSpan(_useCount));
        _useCount += uses.Length;
        _useStart[++_options] = _useCount;
    }

    /// <summary>Every option of the item but the one in force costs a move.</summary>
    public void PriceMoves(int recipe, int near, int far, double moveCost)
    {
        for (var option = _first; option < _options; option++)
        {
            if (_places[option] == new OptionPlace((short)recipe, near, far))
                _now = option;
            else
                _cost[option] += moveCost;
        }
    }

    public void End(int item, double unplacedCost, bool wasRunning)
    {
        // Dearer than any option of its own: a workload that can be placed alone is.
        var dearest = 0.0;
        for (var option = _first; option < _options; option++)
            dearest = Math.Max(dearest, _cost[option]);
        // One that has no option at all is no part of the choice, nor of the gap: it is named, and costs nothing.
        Add(new OptionPlace(-1, -1, -1), _options == _first ? 0 : dearest + unplacedCost, []);
        (_running[item], _wasRunning[item]) = (_now, wasRunning);
        _optionStart[item + 1] = _options;
    }

    // A resource that holds the largest use of every workload at once limits nothing: its uses are left out.
    private void DropLoose(double[] capacity)
    {
        var most = new double[capacity.Length];
        var largest = new double[capacity.Length];
        for (var item = 0; item < items; item++)
        {
            Array.Clear(largest);
            foreach (var use in _uses.AsSpan(_useStart[_optionStart[item]].._useStart[_optionStart[item + 1]]))
            {
                if (use.Resource < capacity.Length)
                    largest[use.Resource] = Math.Max(largest[use.Resource], use.Amount);
            }

            for (var r = 0; r < most.Length; r++)
                most[r] += largest[r];
        }

        var (kept, from) = (0, 0);
        for (var option = 0; option < _options; option++)
        {
            var end = _useStart[option + 1];
            for (; from < end; from++)
            {
                var r = _uses[from].Resource;
                if (r >= capacity.Length || most[r] > capacity[r])
                    _uses[kept++] = _uses[from];
            }

            _useStart[option + 1] = kept;
        }

        _useCount = kept;
    }

    public OptionTable ToTable(SiteNodes sites, int shared)
    {
        DropLoose(sites.Capacity);
        return Make(sites, shared);
    }

    private OptionTable Make(SiteNodes sites, int shared) => new()
    {
        Items = items,
        Locals = sites.Capacity.Length,
        ResourceCount = sites.Capacity.Length + shared,
        OptionStart = _optionStart,
        Cost = _cost.AsSpan(0, _options).ToArray(),
        UseStart = _useStart.AsSpan(0, _options + 1).ToArray(),
        Uses = _uses.AsSpan(0, _useCount).ToArray(),
        Capacity = sites.Capacity,
        Running = _running,
        WasRunning = _wasRunning,
        Places = _places.AsSpan(0, _options).ToArray(),
    };
}
