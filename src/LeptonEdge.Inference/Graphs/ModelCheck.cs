namespace LeptonEdge.Inference.Graphs;

/// <summary>
/// Looks through a model before anything of it is loaded: what is broken, absurd or hostile is refused with the reason,
/// and ONNX Runtime never sees it.
/// </summary>
public static class ModelCheck
{
    private const long ElementsMax = GraphTensor.ElementsMax;

    /// <summary>Why the model must not be loaded; null if it may.</summary>
    /// <param name="file">The model's bytes.</param>
    /// <param name="folder">Folder below which tensors may keep their elements in other files; null: nowhere.</param>
    public static string? FindFault(ReadOnlyMemory<byte> file, string? folder = null)
    {
        try
        {
            Check(file, folder);
            return null;
        }
        catch (ModelException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Checks a model.</summary>
    /// <param name="file">The model's bytes.</param>
    /// <param name="folder">Folder below which tensors may keep their elements in other files; null: nowhere.</param>
    /// <returns>What the model holds, pointing into <paramref name="file"/>.</returns>
    /// <exception cref="ModelException">The first fault found, in words for whoever made the model.</exception>
    public static ModelContent Check(ReadOnlyMemory<byte> file, string? folder = null)
    {
        var model = GraphReader.Read(file);
        foreach (var (domain, version) in model.Opsets)
        {
            if (OperatorSets.FaultOf(domain, version) is { } fault)
                throw new ModelException(fault);
        }

        foreach (var node in model.FunctionNodes)
            CheckNode(node, model, folder);
        CheckGraph(model.Graph, model, folder, null);
        return model;
    }

    private static void CheckGraph(GraphContent content, ModelContent model, string? folder, Func<string, bool>? outer)
    {
        foreach (var tensor in content.Initializers)
            TensorCheck.Check(tensor, folder);
        foreach (var value in content.Inputs.Concat(content.Outputs).Concat(content.Values))
        {
            if (value.Type.Count > ElementsMax || value.Type.Dims?.Any(dim => dim.Value > ElementsMax) == true)
                throw new ModelException(
                    $"tensor '{value.Name}' is to have shape {value.Type.Shape}; at most {ElementsMax:#,0} elements");
        }

        foreach (var node in content.Nodes)
            CheckNode(node, model, folder);
        var graph = ModelGraph.Link(content, outer);
        var seen = new HashSet<(string, bool)>();
        foreach (var node in content.Nodes)
        {
            foreach (var inner in node.Attributes.Values.SelectMany(attribute => attribute.Graphs))
                CheckGraph(inner, model, folder, name => graph.Has(name) || outer?.Invoke(name) == true);
            WeightCheck.Check(node, graph, seen);
        }

        // Shapes within control flow depend on what is handed in; ONNX Runtime checks those as it runs.
        if (outer is null)
            ShapeInference.Run(graph, model.Opset);
    }

    private static void CheckNode(GraphNode node, ModelContent model, string? folder)
    {
        var domain = node.IsStandard ? "" : node.Domain;
        var isOwn = model.Functions.Contains((node.Domain, node.Operator));
        if (!isOwn && !OperatorSets.Has(domain, node.Operator))
            throw new ModelException(
                $"{node.Title} is an operator that is not known{(domain.Length > 0 ? $" in '{domain}'" : "")}; export "
                + "the model with ONNX's own operators");
        if (!model.Opsets.ContainsKey(domain) && !isOwn && domain.Length == 0)
            throw new ModelException($"{node.Title} needs an operator set that the model does not import");
        foreach (var attribute in node.Attributes.Values)
        {
            if (attribute.Tensor is { } tensor)
                TensorCheck.Check(tensor.Name.Length > 0 ? tensor : tensor with { Name = node.Title }, folder);
        }
    }
}
