using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>The fp32 model in its plain form, with everything looked up that layers are decided by.</summary>
internal sealed class PlainModel
{
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly HashSet<string> _outputs;

    public PlainModel(ModelProto model)
    {
        Model = model;
        var linked = ModelGraph.Read(model.ToByteArray());
        Types = FloatGraph.Types(model);
        Order = [.. linked.Order.Select(node => model.Graph.Node[node.Index])];
        Inputs = [.. linked.Inputs];
        _constants = model.Graph.Initializer.ToDictionary(constant => constant.Name);
        _outputs = [.. model.Graph.Output.Select(output => output.Name)];
        foreach (var (node, seen) in Order.Zip(linked.Order))
        {
            foreach (var output in node.Output)
                _producers[output] = node;
            foreach (var input in ModelGraph.Reads(seen))
            {
                if (!_consumers.TryGetValue(input, out var readers))
                    _consumers[input] = readers = [];
                readers.Add(node);
            }
        }
    }

    public ModelProto Model { get; }

    public IReadOnlyList<NodeProto> Order { get; }

    public IReadOnlyList<GraphValue> Inputs { get; }

    public IReadOnlyDictionary<string, TensorType> Types { get; }

    public IReadOnlyCollection<string> Outputs => _outputs;

    public NodeProto? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    public IReadOnlyList<NodeProto> Consumers(string tensor) => _consumers.GetValueOrDefault(tensor) ?? [];

    public TensorProto? Constant(string tensor) => _constants.GetValueOrDefault(tensor);

    public bool IsOutput(string tensor) => _outputs.Contains(tensor);

    public bool IsFloat(string tensor) => Types.GetValueOrDefault(tensor)?.Element == ElementType.Float;
}
