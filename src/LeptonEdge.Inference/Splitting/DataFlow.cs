using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Inference.Splitting;

/// <summary>A linked graph as numbers: who reads what, and which nodes depend on the model's inputs at all.</summary>
internal sealed class DataFlow
{
    private readonly Dictionary<string, int> _makers = [];
    private readonly HashSet<string> _inputs;
    private readonly string[][] _reads;
    private readonly bool[] _isData;

    public DataFlow(ModelGraph graph)
    {
        Graph = graph;
        _inputs = [.. graph.Inputs.Select(input => input.Name)];
        _reads = new string[graph.Order.Count][];
        _isData = new bool[graph.Order.Count];
        for (var at = 0; at < graph.Order.Count; at++)
        {
            var node = graph.Order[at];
            _reads[at] = [.. ModelGraph.Reads(node).Distinct()];
            _isData[at] = _reads[at].Any(IsData);
            foreach (var output in node.Outputs.Where(output => output.Length > 0))
                _makers[output] = at;
        }
    }

    public ModelGraph Graph { get; }

    public int Count => _reads.Length;

    /// <summary>Place in the order of the node that makes a tensor; −1 for inputs and constants.</summary>
    public int Maker(string tensor) => _makers.GetValueOrDefault(tensor, -1);

    public bool IsInput(string tensor) => _inputs.Contains(tensor);

    /// <summary>Whether a tensor depends on an input.</summary>
    public bool IsData(string tensor) => IsInput(tensor) || (Maker(tensor) is >= 0 and var maker && _isData[maker]);

    /// <summary>Whether the node at a place of the order depends on an input.</summary>
    public bool IsDataNode(int at) => _isData[at];

    public IReadOnlyList<string> Reads(int at) => _reads[at];

    /// <summary>Tensors that nodes make out of inputs, in the order of running.</summary>
    public IEnumerable<string> Tensors => Enumerable.Range(0, Count).Where(at => _isData[at])
        .SelectMany(at => Graph.Order[at].Outputs).Where(output => output.Length > 0);

    /// <summary>
    /// The form of a tensor in which it is smallest without a change to what the model computes: where it is only a
    /// step on the way into, or out of, a quantized one, that one.
    /// </summary>
    public string Smallest(string tensor)
    {
        if (Maker(tensor) is >= 0 and var maker && Graph.Order[maker] is { Operator: "DequantizeLinear" } made
            && made.Input(0) is { } whole && Maker(whole) >= 0 && IsData(whole))
        {
            return whole;
        }

        // What int8 kernels compute in one go must not be cut within: a layer, its activation and the rounding.
        var at = tensor;
        while (!Graph.IsOutput(at) && Graph.Consumers(at) is [var only] && IsData(at))
        {
            if (only.Operator == "QuantizeLinear" && only.Input(0) == at)
                return only.Outputs[0];
            if (only.Operator is not ("Relu" or "Clip" or "LeakyRelu" or "Sigmoid") || only.Input(0) != at)
                break;
            at = only.Outputs[0];
        }

        return tensor;
    }
}
