using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Splitting;

/// <summary>A model in two stages.</summary>
/// <param name="Head">The first stage, an ONNX file.</param>
/// <param name="Tail">The second stage, an ONNX file.</param>
/// <param name="Cut">Where it was cut.</param>
/// <param name="Crossing">What crosses, in the order of the cut; free dimensions are free.</param>
public sealed record SplitModel(byte[] Head, byte[] Tail, ModelCut Cut, IReadOnlyList<GraphValue> Crossing);

/// <summary>Cuts a model into two that, one after the other, compute what it computes.</summary>
public sealed class ModelSplitter
{
    private readonly byte[] _file;
    private readonly ModelContent _content;
    private readonly ModelGraph _graph;

    /// <param name="file">The model.</param>
    /// <param name="folder">The model's folder, where tensors in other files lie; null: nowhere.</param>
    /// <exception cref="ModelException">The model is broken.</exception>
    /// <exception cref="SplitException">It holds what cannot be shared out.</exception>
    public ModelSplitter(byte[] file, string? folder)
    {
        _content = ModelCheck.Check(file, folder);
        _graph = ModelGraph.Link(_content.Graph);
        if (_content.Graph.SparseInitializers.Count > 0)
            throw new SplitException("the model keeps constants in sparse form: export it with dense ones");
        if (_content.Graph.Initializers.Any(tensor => tensor.External is not null))
        {
            var whole = ModelProto.Parser.ParseFrom(file);
            ExternalTensors.Inline(whole.Graph, folder!);
            file = whole.ToByteArray();
        }

        _file = file;
        Cuts = new CutFinder(_graph);
    }

    /// <summary>Where the model can be cut.</summary>
    public CutFinder Cuts { get; }

    public ModelGraph Graph => _graph;

    /// <summary>The whole model as one file.</summary>
    public byte[] Whole => _file;

    /// <summary>Element type and shape of tensors of the model, as far as can be told without running it.</summary>
    /// <exception cref="SplitException">ONNX Runtime does not load the model.</exception>
    public IReadOnlyList<GraphValue> Values(IReadOnlyCollection<string> tensors)
    {
        var known = ShapeInference.Run(_graph, _content.Opset);
        var unknown = tensors.Where(tensor => known.GetValueOrDefault(tensor) is not
            { Element: not ElementType.Undefined, Dims: not null }).ToArray();
        var asked = unknown.Length == 0 ? [] : TensorProbe.Types(_file, unknown);
        return [.. tensors.Select(tensor => new GraphValue(
            tensor, asked.GetValueOrDefault(tensor) ?? known[tensor]))];
    }

    /// <summary>Cuts the model.</summary>
    /// <param name="cut">One that <see cref="Cuts"/> found.</param>
    /// <exception cref="SplitException">A tensor's type cannot be told.</exception>
    public SplitModel Split(ModelCut cut) => Split(cut, isPooled: false);

    /// <summary>Cuts the model.</summary>
    /// <param name="cut">One that <see cref="Cuts"/> found.</param>
    /// <param name="isPooled">Lets an average of one element each stand before what reads an image-like tensor: it
    /// changes no value, and the runtime takes what it gives in the layout that the whole model has there, so that it
    /// fuses, and rounds, as it does there.</param>
    /// <exception cref="SplitException">A tensor's type cannot be told.</exception>
    public SplitModel Split(ModelCut cut, bool isPooled)
    {
        var crossing = Values([.. cut.Crossing]);
        var tensors = crossing.Take(cut.Tensors.Count).Select(Protos.Value).ToArray();
        var head = Half(cut.Head, [], cut.HeadOutputs.Except(cut.Tensors), tensors, "stage1");
        string[] pooled = [.. crossing.Where(value => isPooled
            && value.Type is { Element: ElementType.Float, Dims.Count: 4 }).Select(value => value.Name)];
        var tail = Half(cut.Tail, tensors, cut.TailOutputs, [], "stage2", pooled);
        return new SplitModel(head, tail, cut, crossing);
    }

    private byte[] Half(
        IReadOnlyList<int> places, ValueInfoProto[] inputs, IEnumerable<string> outputs, ValueInfoProto[] made,
        string name, params string[] pooled)
    {
        var model = ModelProto.Parser.ParseFrom(_file);
        var graph = model.Graph;
        var nodes = places.Select(place => graph.Node[place]).ToArray();
        foreach (var tensor in pooled)
            nodes = [Pool(tensor, nodes), .. nodes];
        var wanted = outputs.ToHashSet();
        var read = places.SelectMany(place => ModelGraph.Reads(_content.Graph.Nodes[place])).Concat(wanted).ToHashSet();
        var given = inputs.Select(input => input.Name).ToHashSet();
        graph.Name = $"{graph.Name}-{name}";
        Replace(graph.Node, nodes);
        Replace(graph.Initializer, graph.Initializer.Where(tensor => read.Contains(tensor.Name)));
        Replace(graph.Input, inputs.Concat(graph.Input.Where(input => read.Contains(input.Name))));
        Replace(graph.Output, made.Concat(graph.Output.Where(output => wanted.Contains(output.Name))));
        var stated = graph.Input.Concat(graph.Output).Select(value => value.Name).ToHashSet();
        var makes = nodes.SelectMany(node => node.Output).ToHashSet();
        Replace(graph.ValueInfo, graph.ValueInfo.Where(value => makes.Contains(value.Name)
            && !stated.Contains(value.Name) && !given.Contains(value.Name)));
        return model.ToByteArray();
    }

    private NodeProto Pool(string tensor, NodeProto[] readers)
    {
        var name = tensor + "/as-it-is";
        while (_graph.Has(name))
            name += "_";
        foreach (var node in readers)
        {
            for (var i = 0; i < node.Input.Count; i++)
                node.Input[i] = node.Input[i] == tensor ? name : node.Input[i];
        }

        return Protos.Node("AveragePool", [tensor], name, ("kernel_shape", new long[] { 1, 1 }));
    }

    private static void Replace<T>(ICollection<T> list, IEnumerable<T> with)
    {
        var items = with.ToArray();
        list.Clear();
        foreach (var item in items)
            list.Add(item);
    }
}
