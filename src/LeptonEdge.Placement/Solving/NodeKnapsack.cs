using System.Runtime.Intrinsics;

namespace LeptonEdge.Placement.Solving;

/// <summary>The set of items that is worth most on one node, of those that are open.</summary>
/// <remarks>A knapsack: what the relaxation decides is taken or left out, the rest by dynamic programming over the
/// node's cells. Martello and Toth, Knapsack Problems (1990), chapter 2.</remarks>
internal sealed class NodeKnapsack
{
    private const int Lanes = 8;
    private const int WorkPerEntry = 8;
    private const int Pad = NodeOptions.CellsMost + Lanes;
    private const int Stride = (NodeOptions.CellsMost / Lanes) + 1;
    private readonly NodeOptions _nodes;
    private readonly bool[] _open;
    private readonly int[] _order;
    private readonly int[] _count;
    private readonly double[] _rate;
    private readonly int[] _entry;
    private readonly double[] _gain;
    private readonly int[] _left;
    private readonly float[] _best = new float[Pad + (Stride * Lanes)];
    private byte[] _taken = [];
    private int _candidates, _chosen;

    /// <param name="open">Which items are still to be placed.</param>
    public NodeKnapsack(NodeOptions nodes, bool[] open)
    {
        (_nodes, _open) = (nodes, open);
        _order = new int[nodes.Item.Length];
        _rate = new double[nodes.Item.Length];
        _count = new int[nodes.Resource.Length];
        Chosen = new int[open.Length];
        (_entry, _gain, _left) = (new int[open.Length], new double[open.Length], new int[open.Length]);
        Array.Fill(_best, float.NegativeInfinity, 0, Pad);
    }

    /// <summary>Entries of the last set.</summary>
    public int[] Chosen { get; }

    public int Count => _chosen;

    /// <summary>Work so far: about a nanosecond each.</summary>
    public long Work { get; private set; }

    /// <summary>Begins anew with the items that are open now.</summary>
    public void Reset(int node, double[] worth)
    {
        var count = 0;
        var first = _nodes.Start[node];
        for (var at = first; at < _nodes.Start[node + 1]; at++)
        {
            if (!_open[_nodes.Item[at]])
                continue;
            _order[first + count] = at;
            _rate[first + count++] = -Rate(at, worth);
        }

        Array.Sort(_rate, _order, first, count);
        _count[node] = count;
    }

    /// <summary>Finds the set.</summary>
    /// <param name="cells">Room of the node.</param>
    /// <param name="worth">Of each item.</param>
    /// <returns>Worth of the set less its cost, 0 or more.</returns>
    public double Find(int node, int cells, double[] worth)
    {
        Sort(node, worth);
        Candidates(node, cells, worth);
        var (greedy, relaxed, rate) = Greedy(cells);
        // What floats may add up to wrongly.
        var gap = relaxed - greedy - (1e-6 * relaxed);
        if (gap <= 0)
            return greedy;
        var found = Exact(cells, gap, rate);
        return found > greedy ? found : Greedy(cells).Value;
    }

    private double Rate(int at, double[] worth) =>
        (worth[_nodes.Item[at]] - _nodes.Cost[at]) / Math.Max(1, _nodes.Cells[at]);

    // Nearly in order since the last time.
    private void Sort(int node, double[] worth)
    {
        var (first, count) = (_nodes.Start[node], 0);
        for (var k = first; k < first + _count[node]; k++)
        {
            var at = _order[k];
            if (!_open[_nodes.Item[at]])
                continue;
            var rate = Rate(at, worth);
            var place = first + count++;
            while (place > first && _rate[place - 1] < rate)
            {
                (_order[place], _rate[place]) = (_order[place - 1], _rate[place - 1]);
                place--;
            }

            (_order[place], _rate[place]) = (at, rate);
        }

        _count[node] = count;
        Work += WorkPerEntry * count;
    }

    private void Candidates(int node, int cells, double[] worth)
    {
        _candidates = 0;
        var first = _nodes.Start[node];
        for (var k = first; k < first + _count[node] && _rate[k] > 0; k++)
        {
            var at = _order[k];
            if (_nodes.Cells[at] > cells)
                continue;
            _entry[_candidates] = at;
            _gain[_candidates++] = worth[_nodes.Item[at]] - _nodes.Cost[at];
        }
    }

    // Takes in order what fits; the relaxed value is what a part of the first that does not fit would add.
    private (double Value, double Relaxed, double Rate) Greedy(int cells)
    {
        var (value, relaxed, rate) = (0.0, -1.0, 0.0);
        _chosen = 0;
        for (var k = 0; k < _candidates; k++)
        {
            var size = _nodes.Cells[_entry[k]];
            if (size <= cells)
            {
                cells -= size;
                value += _gain[k];
                Chosen[_chosen++] = _entry[k];
            }
            else if (relaxed < 0)
            {
                rate = _gain[k] / Math.Max(1, size);
                relaxed = value + (rate * cells);
            }
        }

        return (value, relaxed < 0 ? value : relaxed, rate);
    }

    private double Exact(int cells, double gap, double rate)
    {
        var (value, left) = (0.0, 0);
        _chosen = 0;
        for (var k = 0; k < _candidates; k++)
        {
            var size = _nodes.Cells[_entry[k]];
            var surplus = _gain[k] - (rate * size);
            if (surplus > gap)
            {
                cells -= size;
                value += _gain[k];
                Chosen[_chosen++] = _entry[k];
            }
            else if (surplus >= -gap)
            {
                _left[left++] = k;
            }
        }

        if (cells < 0)
            return -1;
        if (_taken.Length < left * Stride)
            _taken = new byte[left * Stride];
        Array.Clear(_best, Pad, cells + Lanes);
        for (var k = 0; k < left; k++)
            Take(k, _nodes.Cells[_entry[_left[k]]], (float)_gain[_left[k]], cells);
        for (var k = left - 1; k >= 0; k--)
        {
            var size = _nodes.Cells[_entry[_left[k]]];
            if (size > cells || (_taken[(k * Stride) + (cells / Lanes)] >> (cells % Lanes) & 1) == 0)
                continue;
            cells -= size;
            value += _gain[_left[k]];
            Chosen[_chosen++] = _entry[_left[k]];
        }

        return value;
    }

    // From the fullest down, so that each is taken once; what lies before the first cell is never better.
    private void Take(int k, int size, float gain, int cells)
    {
        ref var best = ref _best[Pad];
        var gains = Vector256.Create(gain);
        var row = k * Stride;
        Work += cells / Lanes;
        for (var block = cells / Lanes; block >= size / Lanes; block--)
        {
            var at = block * Lanes;
            var without = Vector256.LoadUnsafe(ref best, (nuint)at);
            var with = Vector256.LoadUnsafe(ref _best[Pad + at - size]) + gains;
            _taken[row + block] = (byte)Vector256.GreaterThan(with, without).ExtractMostSignificantBits();
            Vector256.Max(with, without).StoreUnsafe(ref best, (nuint)at);
        }
    }
}
