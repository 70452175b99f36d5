using System.Text;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Reads what a model file holds, without its weights: a model of 100 MB costs some kilobytes.</summary>
/// <remarks>Field numbers of onnx.proto.</remarks>
public sealed class GraphReader
{
    /// <summary>Integers of an attribute that are kept: more than any shape, stride or permutation has.</summary>
    public const int IntsKept = 64;

    // Nested graphs come from control flow operators; real models nest two or three deep.
    private const int DepthMax = 32;

    // Names, dimensions, nodes and attributes altogether; the largest models that a device runs have 100,000.
    private const int ItemsMax = 1_000_000;

    private int _items;

    private GraphReader()
    {
    }

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file's bytes, which the result goes on pointing into.</param>
    /// <exception cref="ModelException">It is not a model, or an absurd one.</exception>
    public static ModelContent Read(ReadOnlyMemory<byte> file) => new GraphReader().Model(file);

    private ModelContent Model(ReadOnlyMemory<byte> bytes)
    {
        var opsets = new Dictionary<string, long>();
        var functions = new HashSet<(string, string)>();
        var functionNodes = new List<GraphNode>();
        long version = 0;
        ReadOnlyMemory<byte>? graph = null;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    version = (long)reader.Number;
                    break;
                case 7:
                    graph = graph is null
                        ? reader.Message() : throw new ModelException("it holds two graphs; save it again");
                    break;
                case 8:
                    Opset(reader.Message(), opsets);
                    break;
                case 25:
                    functions.Add(Function(reader.Message(), functionNodes));
                    break;
            }
        }

        if (graph is null || version <= 0)
            throw new ModelException("it is not an ONNX model, or not all of one");
        return new ModelContent(version, opsets, Graph(graph.Value, 0), functions) { FunctionNodes = functionNodes };
    }

    private void Opset(ReadOnlyMemory<byte> bytes, Dictionary<string, long> opsets)
    {
        var (domain, version) = ("", 0L);
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                domain = Name(ref reader);
            else if (reader.Field == 2)
                version = (long)reader.Number;
        }

        if (!opsets.TryAdd(domain == "ai.onnx" ? "" : domain, version))
            throw new ModelException($"it imports the operators of '{domain}' twice; export it again");
    }

    private (string Domain, string Name) Function(ReadOnlyMemory<byte> bytes, List<GraphNode> nodes)
    {
        var (domain, name) = ("", "");
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                name = Name(ref reader);
            else if (reader.Field == 10)
                domain = Name(ref reader);
            else if (reader.Field == 7)
                nodes.Add(Node(reader.Message(), nodes.Count, 0));
            else if (reader.Field == 11)
                Attribute(reader.Message(), 0);
        }

        return (domain, name);
    }

    private GraphContent Graph(ReadOnlyMemory<byte> bytes, int depth)
    {
        if (depth > DepthMax)
            throw new ModelException($"its graphs are nested more than {DepthMax} deep");
        var name = "";
        var (nodes, tensors, sparse) = (new List<GraphNode>(), new List<GraphTensor>(), new List<string>());
        var (inputs, outputs, values) = (new List<GraphValue>(), new List<GraphValue>(), new List<GraphValue>());
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    nodes.Add(Node(reader.Message(), nodes.Count, depth));
                    break;
                case 2:
                    name = Name(ref reader);
                    break;
                case 5:
                    tensors.Add(Tensor(reader.Message()));
                    break;
                case 11:
                    inputs.Add(Value(reader.Message()));
                    break;
                case 12:
                    outputs.Add(Value(reader.Message()));
                    break;
                case 13:
                    values.Add(Value(reader.Message()));
                    break;
                case 15:
                    var parts = Sparse(reader.Message());
                    sparse.Add(parts.FirstOrDefault()?.Name ?? "");
                    break;
            }
        }

        return new GraphContent(name, nodes, tensors, inputs, outputs, values, sparse);
    }

    private GraphNode Node(ReadOnlyMemory<byte> bytes, int index, int depth)
    {
        Count(1);
        var (name, kind, domain) = ("", "", "");
        var (inputs, outputs) = (new List<string>(), new List<string>());
        var attributes = new Dictionary<string, GraphAttribute>();
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    inputs.Add(Name(ref reader));
                    break;
                case 2:
                    outputs.Add(Name(ref reader));
                    break;
                case 3:
                    name = Name(ref reader);
                    break;
                case 4:
                    kind = Name(ref reader);
                    break;
                case 5:
                    var attribute = Attribute(reader.Message(), depth);
                    if (!attributes.TryAdd(attribute.Name, attribute))
                        throw new ModelException($"{kind} '{name}' has the attribute '{attribute.Name}' twice");
                    break;
                case 7:
                    domain = Name(ref reader);
                    break;
            }
        }

        return new GraphNode(index, name, kind, domain, inputs, outputs, attributes);
    }

    private GraphAttribute Attribute(ReadOnlyMemory<byte> bytes, int depth)
    {
        Count(1);
        var attribute = new GraphAttribute("");
        List<long>? ints = null;
        List<GraphContent>? graphs = null;
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    attribute = attribute with { Name = Name(ref reader) };
                    break;
                case 2:
                    attribute = attribute with { Float = BitConverter.UInt32BitsToSingle((uint)reader.Number) };
                    break;
                case 3:
                    attribute = attribute with { Int = (long)reader.Number };
                    break;
                case 4:
                    var text = reader.Message().Span;
                    attribute = attribute with { Text = Encoding.UTF8.GetString(text[..Math.Min(text.Length, 256)]) };
                    break;
                case 5:
                    attribute = attribute with { Tensor = Tensor(reader.Message()) };
                    break;
                case 6 or 11:
                    (graphs ??= []).Add(Graph(reader.Message(), depth + 1));
                    break;
                case 8:
                    Integers(ref reader, ints ??= []);
                    break;
                case 10:
                    _ = Tensor(reader.Message());
                    break;
                case 22 or 23:
                    Sparse(reader.Message());
                    break;
            }
        }

        return attribute with { Ints = ints ?? [], Graphs = graphs ?? [] };
    }

    private List<GraphTensor> Sparse(ReadOnlyMemory<byte> bytes)
    {
        var parts = new List<GraphTensor>();
        var reader = new WireReader(bytes);
        while (reader.Next())
        {
            if (reader.Field is 1 or 2)
                parts.Add(Tensor(reader.Message()));
        }

        return parts.Find(part => part.External is not null) is { } elsewhere
            ? throw new ModelException($"tensor '{elsewhere.Name}' keeps its data in another file; save the model as "
                + "one file")
            : parts;
    }

    private GraphTensor Tensor(ReadOnlyMemory<byte> bytes) => TensorReader.Read(bytes, Count);

    private GraphValue Value(ReadOnlyMemory<byte> bytes) => ValueReader.Read(bytes, Count);

    private static void Integers(ref WireReader reader, List<long> into)
    {
        if (reader.Wire == WireReader.Varint)
        {
            if (into.Count < IntsKept)
                into.Add((long)reader.Number);
            return;
        }

        var packed = reader.Message().Span;
        for (var at = 0; at < packed.Length && into.Count < IntsKept;)
            into.Add((long)WireReader.ReadVarint(packed, ref at));
    }

    private string Name(ref WireReader reader)
    {
        Count(1);
        return reader.Text();
    }

    private void Count(int items)
    {
        _items += items;
        if (_items > ItemsMax)
            throw new ModelException($"it has more than {ItemsMax:#,0} nodes, names and dimensions");
    }
}
