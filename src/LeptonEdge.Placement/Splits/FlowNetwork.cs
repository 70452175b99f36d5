namespace LeptonEdge.Placement.Splits;

/// <summary>A network of capacities, and the minimum cut between two of its nodes.</summary>
/// <remarks>Dinic, "Algorithm for Solution of a Problem of Maximum Flow in Networks", Soviet Math. Dokl. 11 (1970).
/// </remarks>
internal sealed class FlowNetwork(int nodes)
{
    private readonly int[] _first = Filled(nodes);
    private readonly int[] _level = new int[nodes];
    private readonly int[] _at = new int[nodes];
    private readonly int[] _queue = new int[nodes];
    private int[] _next = new int[nodes * 8];
    private int[] _to = new int[nodes * 8];
    private long[] _left = new long[nodes * 8];
    private int _edges;

    /// <summary>Adds an edge.</summary>
    public void Add(int from, int to, long capacity)
    {
        if (_edges + 2 > _to.Length)
        {
            Array.Resize(ref _next, _next.Length * 2);
            Array.Resize(ref _to, _to.Length * 2);
            Array.Resize(ref _left, _left.Length * 2);
        }

        Half(from, to, capacity);
        Half(to, from, 0);
    }

    /// <summary>The nodes on the source's side of a minimum cut: of those with the fewest nodes there, the only
    /// one.</summary>
    public bool[] SourceSide(int source, int sink)
    {
        while (Levels(source, sink))
        {
            _first.CopyTo(_at, 0);
            while (Push(source, sink) > 0)
            {
            }
        }

        return Array.ConvertAll(_level, level => level >= 0);
    }

    private void Half(int from, int to, long capacity)
    {
        (_to[_edges], _left[_edges], _next[_edges]) = (to, capacity, _first[from]);
        _first[from] = _edges++;
    }

    /// <summary>Distances from the source through edges that have capacity left.</summary>
    /// <returns>Whether the sink can be reached.</returns>
    private bool Levels(int source, int sink)
    {
        Array.Fill(_level, -1);
        (_level[source], _queue[0]) = (0, source);
        for (int head = 0, tail = 1; head < tail; head++)
        {
            var node = _queue[head];
            for (var edge = _first[node]; edge >= 0; edge = _next[edge])
            {
                if (_left[edge] <= 0 || _level[_to[edge]] >= 0)
                    continue;
                _level[_to[edge]] = _level[node] + 1;
                _queue[tail++] = _to[edge];
            }
        }

        return _level[sink] >= 0;
    }

    /// <summary>Sends flow along one path of rising levels, without recursion: models may be deep.</summary>
    /// <returns>What went through; 0 where there is no such path any more.</returns>
    private long Push(int source, int sink)
    {
        // _queue holds the path's edges: a path has fewer edges than there are nodes.
        var (depth, node) = (0, source);
        while (node != sink)
        {
            var edge = _at[node];
            while (edge >= 0 && (_left[edge] <= 0 || _level[_to[edge]] != _level[node] + 1))
                edge = _next[edge];
            _at[node] = edge;
            if (edge >= 0)
            {
                _queue[depth++] = edge;
                node = _to[edge];
                continue;
            }

            if (depth == 0)
                return 0;
            var back = _queue[--depth];
            node = _to[back ^ 1];
            _at[node] = _next[back];
        }

        var limit = long.MaxValue;
        for (var i = 0; i < depth; i++)
            limit = Math.Min(limit, _left[_queue[i]]);
        for (var i = 0; i < depth; i++)
        {
            _left[_queue[i]] -= limit;
            _left[_queue[i] ^ 1] += limit;
        }

        return limit;
    }

    private static int[] Filled(int count)
    {
        var values = new int[count];
        Array.Fill(values, -1);
        return values;
    }
}
