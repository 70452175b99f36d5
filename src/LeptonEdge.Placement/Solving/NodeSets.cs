namespace LeptonEdge.Placement.Solving;

/// <summary>The sets of items that each node wanted lately, and how much it wanted them.</summary>
internal sealed class NodeSets
{
    private const int Most = 24;
    private readonly Kept[][] _sets;
    private readonly int[] _count;

    public NodeSets(int nodes)
    {
        _sets = new Kept[nodes][];
        _count = new int[nodes];
        for (var node = 0; node < nodes; node++)
            _sets[node] = new Kept[Most];
    }

    public void Clear(int node) => _count[node] = 0;

    /// <summary>Notes what a node wants now; what it wanted before fades.</summary>
    /// <param name="share">Of the new, 0 to 1.</param>
    public void Add(int node, ReadOnlySpan<int> entries, double share)
    {
        var sets = _sets[node].AsSpan(0, _count[node]);
        var (key, same, least) = (Key(entries), -1, 0);
        for (var k = 0; k < sets.Length; k++)
        {
            sets[k].Weight *= 1 - share;
            if (sets[k].Key == key)
                same = k;
            if (sets[k].Weight < sets[least].Weight)
                least = k;
        }

        if (same >= 0)
        {
            sets[same].Weight += share;
            return;
        }

        var place = _count[node] < Most ? _count[node]++ : least;
        ref var set = ref _sets[node][place];
        (set.Key, set.Weight, set.Count) = (key, share, entries.Length);
        if (set.Entries is null || set.Entries.Length < entries.Length)
            set.Entries = new int[Math.Max(8, 2 * entries.Length)];
        entries.CopyTo(set.Entries);
    }

    /// <summary>The node and set wanted most; none when all are refused.</summary>
    /// <param name="refuse">Whether a set can be had no more; it is forgotten then.</param>
    /// <param name="random">Weights differ by up to <paramref name="noise"/> of themselves by chance.</param>
    public (int Node, int[] Entries) Strongest(
        ReadOnlySpan<int> nodes, Func<int, ReadOnlySpan<int>, bool> refuse, ref Xorshift random, double noise)
    {
        var (bestNode, bestSet, most) = (-1, -1, 0.0);
        foreach (var node in nodes)
        {
            for (var k = 0; k < _count[node]; k++)
            {
                ref var set = ref _sets[node][k];
                if (set.Count == 0 || refuse(node, set.Entries.AsSpan(0, set.Count)))
                {
                    (_sets[node][k], _sets[node][--_count[node]]) = (_sets[node][_count[node]], _sets[node][k]);
                    k--;
                    continue;
                }

                var weight = set.Weight * (1 + (noise * random.Unit()));
                if (weight > most)
                    (bestNode, bestSet, most) = (node, k, weight);
            }
        }

        return bestNode < 0
            ? (-1, [])
            : (bestNode, _sets[bestNode][bestSet].Entries.AsSpan(0, _sets[bestNode][bestSet].Count).ToArray());
    }

    // The same for any order.
    private static ulong Key(ReadOnlySpan<int> entries)
    {
        var key = 0UL;
        foreach (var entry in entries)
        {
            var mixed = ((ulong)entry + 1) * 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
            key += mixed ^ (mixed >> 32);
        }

        return key;
    }

    private struct Kept
    {
        public ulong Key;
        public double Weight;
        public int Count;
        public int[] Entries;
    }
}
