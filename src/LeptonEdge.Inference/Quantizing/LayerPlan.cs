using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Which nodes run in int8, and which tensors are quantized for it.</summary>
internal sealed class LayerPlan
{
    private readonly PlainModel _model;
    private readonly HashSet<NodeProto> _int8 = [];
    private readonly Dictionary<string, bool> _wanted = [];
    private readonly Dictionary<string, string> _roots = [];
    private readonly HashSet<NodeProto> _folded = [];

    private LayerPlan(PlainModel model) => _model = model;

    /// <summary>Tensors that are quantized, each with the tensor whose scale it has.</summary>
    public IReadOnlyDictionary<string, string> Roots => _roots;

    public bool IsInt8(NodeProto node) => _int8.Contains(node);

    /// <summary>Whether the range of what follows does this node's work.</summary>
    public bool IsFolded(NodeProto node) => _folded.Contains(node);

    /// <summary>Decides every node.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inFloat">Layers, by the name of their output, that are to stay in float.</param>
    public static LayerPlan Decide(PlainModel model, IReadOnlySet<string> inFloat)
    {
        var plan = new LayerPlan(model);
        foreach (var node in model.Order)
        {
            if (inFloat.Contains(node.Output[0]))
                continue;
            if (LayerRules.IsLayer(node, model)
                || (LayerRules.MayJoin(node, model) && LayerRules.Activations(node, model).All(plan.ComesInInt8)))
            {
                plan._int8.Add(node);
            }
        }

        plan.Quantize();
        return plan;
    }

    private bool ComesInInt8(string tensor)
    {
        while (_model.Producer(tensor) is { } producer)
        {
            if (_int8.Contains(producer))
                return true;
            var before = producer.Input.Count > 0 ? producer.Input[0] : "";
            if (!LayerRules.Passes(producer) && !(_model.Producer(before) is { } layer && _int8.Contains(layer)
                && LayerRules.Landing(layer, _model).Folded == producer))
            {
                return false;
            }

            tensor = before;
        }

        return false;
    }

    private void Quantize()
    {
        foreach (var input in _model.Inputs.Where(input => IsWanted(input.Name)))
            _roots[input.Name] = input.Name;
        foreach (var node in _model.Order)
        {
            if (_int8.Contains(node))
            {
                var (tensor, folded) = LayerRules.Landing(node, _model);
                if (!IsWanted(tensor) && LayerRules.MayAnswerInFloat(node))
                    continue;
                _roots[tensor] = tensor;
                if (folded is not null)
                    _folded.Add(folded);
            }
            else if (LayerRules.Passes(node) && IsWanted(node.Output[0])
                && _roots.TryGetValue(node.Input[0], out var root))
            {
                _roots[node.Output[0]] = root;
                _int8.Add(node);
            }
            else if (!_folded.Contains(node))
            {
                foreach (var output in node.Output.Where(IsWanted))
                    _roots[output] = output;
            }
        }
    }

    /// <summary>Whether something that runs in int8 reads the tensor, directly or through what only moves it.</summary>
    private bool IsWanted(string tensor)
    {
        if (_wanted.TryGetValue(tensor, out var known))
            return known;
        _wanted[tensor] = false;
        return _wanted[tensor] = _model.IsFloat(tensor) && _model.Consumers(tensor).Any(reader =>
            LayerRules.Passes(reader)
                ? reader.Input[0] == tensor && IsWanted(reader.Output[0])
                : _int8.Contains(reader) && LayerRules.Activations(reader, _model).Contains(tensor));
    }
}
