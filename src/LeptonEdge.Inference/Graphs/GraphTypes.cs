namespace LeptonEdge.Inference.Graphs;

/// <summary>One dimension of a shape: fixed, or free with or without a name.</summary>
/// <param name="Value">Size; −1 where it is free.</param>
/// <param name="Symbol">Name of a free dimension, such as "batch".</param>
public readonly record struct Dimension(long Value, string? Symbol = null)
{
    public static readonly Dimension Unknown = new(-1);

    public bool IsFixed => Value >= 0;

    public override string ToString() => IsFixed ? $"{Value}" : Symbol ?? "?";

    public static implicit operator Dimension(long value) => new(value);
}

/// <summary>Element type and shape of a tensor, as far as they are known.</summary>
/// <param name="Element">Undefined where it is not known.</param>
/// <param name="Dims">Null where not even the rank is known.</param>
public sealed record TensorType(ElementType Element, IReadOnlyList<Dimension>? Dims)
{
    public int? Rank => Dims?.Count;

    /// <summary>Elements, where every dimension is fixed.</summary>
    public long? Count => Dims is null || Dims.Any(dim => !dim.IsFixed)
        ? null : Dims.Aggregate(1L, (product, dim) => GraphTensor.Product(product, dim.Value));

    public string Shape => Dims is null ? "[?]" : $"[{string.Join(", ", Dims)}]";
}

/// <summary>A graph's input or output, or what a model says of a tensor within.</summary>
/// <param name="IsTensor">False for sequences, maps and the like.</param>
public sealed record GraphValue(string Name, TensorType Type, bool IsTensor = true);

/// <summary>An attribute of a node, its long lists left in the file.</summary>
public sealed record GraphAttribute(string Name)
{
    public float Float { get; init; }

    public long Int { get; init; }

    public string? Text { get; init; }

    /// <summary>The first <see cref="GraphReader.IntsKept"/> integers.</summary>
    public IReadOnlyList<long> Ints { get; init; } = [];

    public GraphTensor? Tensor { get; init; }

    /// <summary>Bodies of control flow.</summary>
    public IReadOnlyList<GraphContent> Graphs { get; init; } = [];
}

/// <summary>One operator of a graph.</summary>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Inputs">Names of tensors; empty for one that is left out.</param>
/// <param name="Outputs">Names of tensors; empty for one that is left out.</param>
public sealed record GraphNode(
    int Index, string Name, string Operator, string Domain, IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, GraphAttribute> Attributes)
{
    /// <summary>Whether it is one of ONNX's own operators.</summary>
    public bool IsStandard => Domain is "" or "ai.onnx";

    /// <summary>How messages call it.</summary>
    public string Title => Name.Length > 0 ? $"{Operator} '{Name}'" : $"{Operator} (node {Index})";

    /// <summary>Name of an input; empty where it is left out.</summary>
    public string Input(int index) => index < Inputs.Count ? Inputs[index] : "";

    public long Int(string attribute, long otherwise) =>
        Attributes.TryGetValue(attribute, out var found) ? found.Int : otherwise;

    public float Float(string attribute, float otherwise) =>
        Attributes.TryGetValue(attribute, out var found) ? found.Float : otherwise;

    public IReadOnlyList<long>? Ints(string attribute) =>
        Attributes.TryGetValue(attribute, out var found) ? found.Ints : null;

    public string? Text(string attribute) => Attributes.TryGetValue(attribute, out var found) ? found.Text : null;
}

/// <summary>What a graph holds, as the file says it; nothing is checked yet.</summary>
public sealed record GraphContent(
    string Name, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphTensor> Initializers,
    IReadOnlyList<GraphValue> Inputs, IReadOnlyList<GraphValue> Outputs, IReadOnlyList<GraphValue> Values,
    IReadOnlyList<string> SparseInitializers);

/// <summary>What a model holds, as the file says it; nothing is checked yet.</summary>
/// <param name="Opsets">Version of each domain, "" for ONNX's own.</param>
/// <param name="Functions">Operators that the model itself defines, by domain and name.</param>
public sealed record ModelContent(
    long IrVersion, IReadOnlyDictionary<string, long> Opsets, GraphContent Graph,
    IReadOnlySet<(string Domain, string Name)> Functions)
{
    /// <summary>The nodes that those operators are made of.</summary>
    public IReadOnlyList<GraphNode> FunctionNodes { get; init; } = [];

    /// <summary>Version of ONNX's own operators.</summary>
    public long Opset => Opsets.TryGetValue("", out var version) ? version : 0;
}
