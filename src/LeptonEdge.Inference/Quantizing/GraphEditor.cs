using System.Runtime.InteropServices;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Finds and changes nodes and constants of a graph in the making.</summary>
internal sealed class GraphEditor(GraphProto graph)
{
    public GraphProto Graph => graph;

    public NodeProto? Producer(string tensor) => graph.Node.FirstOrDefault(node => node.Output.Contains(tensor));

    public NodeProto[] Consumers(string tensor) => [.. graph.Node.Where(node => node.Input.Contains(tensor))];

    public bool IsOutput(string tensor) => graph.Output.Any(output => output.Name == tensor);

    public TensorProto? Constant(string tensor) =>
        tensor.Length == 0 ? null : graph.Initializer.FirstOrDefault(constant => constant.Name == tensor);

    /// <summary>Elements of a float constant; null where it is not constant or not float.</summary>
    public float[]? Floats(string tensor) => Constant(tensor) is { } constant ? Floats(constant) : null;

    public static float[]? Floats(TensorProto constant)
    {
        if (constant.DataType != (int)ElementType.Float)
            return null;
        return constant.HasRawData
            ? MemoryMarshal.Cast<byte, float>(constant.RawData.Span).ToArray() : [.. constant.FloatData];
    }

    /// <summary>Adds a float constant under a name that is not taken yet.</summary>
    public string AddFloats(string wish, float[] values, params long[] dims)
    {
        var name = Free(wish);
        graph.Initializer.Add(Protos.Floats(name, values, dims));
        return name;
    }

    /// <summary>A tensor name that is not taken.</summary>
    public string Free(string wish)
    {
        var name = wish;
        for (var i = 1; IsTaken(name); i++)
            name = $"{wish}.{i}";
        return name;
    }

    /// <summary>Whether a node's only result goes to one other node alone.</summary>
    public bool FeedsOnly(NodeProto node, NodeProto consumer) =>
        node.Output.Count == 1 && !IsOutput(node.Output[0])
        && Consumers(node.Output[0]) is [var only] && only == consumer
        && consumer.Input.Count(input => input == node.Output[0]) == 1;

    /// <summary>Takes a node out; who read its output reads its input instead.</summary>
    /// <returns>False where both sides are the graph's own, so that a node must stay between them.</returns>
    public bool Bypass(NodeProto node)
    {
        var (from, to) = (node.Input[0], node.Output[0]);
        if (IsOutput(to))
        {
            if (Producer(from) is not { } producer || IsOutput(from))
                return false;
            Rename(producer.Output, from, to);
            foreach (var consumer in Consumers(from))
                Rename(consumer.Input, from, to);
        }
        else
        {
            foreach (var consumer in Consumers(to))
                Rename(consumer.Input, to, from);
        }

        graph.Node.Remove(node);
        return true;
    }

    public static void Rename(IList<string> names, string from, string to)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == from)
                names[i] = to;
        }
    }

    /// <summary>Drops constants that nothing reads, and statements about tensors that are gone.</summary>
    public void Prune()
    {
        var read = graph.Node.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name))
            .ToHashSet();
        for (var i = graph.Initializer.Count - 1; i >= 0; i--)
        {
            // A constant that is also an input may be replaced by callers; constant folding must not lose it.
            if (!read.Contains(graph.Initializer[i].Name))
                graph.Initializer.RemoveAt(i);
        }

        var made = graph.Node.SelectMany(node => node.Output).ToHashSet();
        for (var i = graph.ValueInfo.Count - 1; i >= 0; i--)
        {
            if (!made.Contains(graph.ValueInfo[i].Name))
                graph.ValueInfo.RemoveAt(i);
        }
    }

    public static AttributeProto? Attribute(NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static float Float(NodeProto node, string name, float otherwise) =>
        Attribute(node, name) is { HasF: true } found ? found.F : otherwise;

    public static long Int(NodeProto node, string name, long otherwise) =>
        Attribute(node, name) is { HasI: true } found ? found.I : otherwise;

    public static void Set(NodeProto node, string name, object value)
    {
        Drop(node, name);
        node.Attribute.Add(Protos.Attribute(name, value));
    }

    public static void Drop(NodeProto node, string name)
    {
        if (Attribute(node, name) is { } found)
            node.Attribute.Remove(found);
    }

    private bool IsTaken(string name) => Constant(name) is not null || Producer(name) is not null
        || graph.Input.Any(input => input.Name == name);
}
