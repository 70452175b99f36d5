using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;

namespace LeptonEdge.Inference.Profiling;

/// <summary>
/// Which nodes of a model the runtime computes in one go: those between the tensors that are still there in the graph
/// that it makes. Constants, and what only dequantizes for a kernel that takes the bytes, belong to who reads them.
/// </summary>
internal sealed class StepFinder
{
    private readonly DataFlow _flow;
    private readonly HashSet<string> _visible;
    private readonly int[] _stepOf;

    /// <param name="flow">The model.</param>
    /// <param name="fused">What the runtime makes of it.</param>
    public StepFinder(DataFlow flow, ModelGraph fused)
    {
        _flow = flow;
        _visible = [.. fused.Order.SelectMany(node => node.Outputs).Where(flow.IsData)];
        _visible.UnionWith(flow.Graph.Content.Outputs.Select(output => output.Name).Where(flow.IsData));
        _stepOf = new int[flow.Count];
        Array.Fill(_stepOf, -1);
    }

    /// <summary>Tensors that are still there: a cut may go through them.</summary>
    public IReadOnlySet<string> Visible => _visible;

    /// <summary>Step of each node, by its place in the order; −1 for constants and dead ends. Steps are numbered in an
    /// order in which they can run.</summary>
    public int[] Find()
    {
        var steps = 0;
        for (var at = 0; at < _flow.Count; at++)
        {
            if (!_flow.IsDataNode(at) || !_flow.Graph.Order[at].Outputs.Any(_visible.Contains))
                continue;
            Claim(at, steps++);
        }

        return _stepOf;
    }

    /// <summary>Whether a node only turns bytes back into floats for a kernel that takes the bytes.</summary>
    public static bool IsTransparent(DataFlow flow, int at, int[] stepOf) => flow.IsDataNode(at) && stepOf[at] < 0
        && flow.Graph.Order[at].Operator == "DequantizeLinear";

    private void Claim(int last, int step)
    {
        var open = new Stack<int>([last]);
        while (open.TryPop(out var at))
        {
            if (_stepOf[at] >= 0)
                continue;

            // Each reader dequantizes for itself: a step of its own it would be only where it is still seen.
            if (at != last && _flow.Graph.Order[at].Operator == "DequantizeLinear")
            {
                foreach (var whole in _flow.Reads(at).Where(read => _flow.IsData(read) && !_visible.Contains(read)))
                    Open(whole, open);
                continue;
            }

            _stepOf[at] = step;
            foreach (var read in _flow.Reads(at).Where(read => _flow.IsData(read) && !_visible.Contains(read)))
                Open(read, open);
        }
    }

    private void Open(string tensor, Stack<int> open)
    {
        if (_flow.Maker(tensor) is >= 0 and var maker)
            open.Push(maker);
    }
}
