using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Puts what was measured into a profile.</summary>
internal sealed class ProfileBuilder(
    DataFlow flow, IReadOnlyDictionary<string, GraphValue> sizes, IReadOnlySet<string> visible, long opset)
{
    private readonly IReadOnlyDictionary<string, Graphs.TensorType> _types = ShapeInference.Run(flow.Graph, opset);
    private readonly Dictionary<string, int> _places = [];
    private readonly List<ProfiledTensor> _tensors = [];

    public ModelProfile Build(
        string name, ProfilerOptions options, Dictionary<int, double> seconds, int[] stepOf, TimeSpan wall)
    {
        // The numbers left after joining, closed up.
        var order = seconds.Keys.Order().ToArray();
        var step = new int[flow.Count];
        for (var at = 0; at < flow.Count; at++)
            step[at] = Array.IndexOf(order, stepOf[at]);
        foreach (var input in flow.Graph.Inputs)
            Add(input.Name, -1);
        var outputs = flow.Graph.Content.Outputs.Select(output => output.Name).Where(flow.IsData);
        var nodes = Enumerable.Range(0, order.Length)
            .Select(number => Enumerable.Range(0, flow.Count).Where(at => step[at] == number).ToArray()).ToArray();
        var reads = nodes.Select((_, number) => Reads(nodes[number], number, step)).ToArray();
        foreach (var output in outputs)
            Add(output, step[flow.Maker(output)]);
        var times = Times([.. order.Select(number => seconds[number])], wall.TotalSeconds);
        return new ModelProfile(
            name, options.Rows, options.Threads,
            [
                .. nodes.Select((members, number) => new ProfiledStep(
                    NameOf(members), Operators(members), TimeSpan.FromSeconds(times[number]),
                    members.Sum(Macs), WeightBytes(members), reads[number])),
            ],
            _tensors);
    }

    /// <summary>Brings the steps' times to the sum that a run takes when nothing is written down.</summary>
    private static double[] Times(double[] seconds, double wall)
    {
        // Writing an event down costs every kernel the same, however small; the rest is shared out in proportion.
        var each = Math.Max(0, (seconds.Sum() - wall) / seconds.Length);
        var own = Array.ConvertAll(seconds, time => Math.Max(time - each, time / 4));
        var scale = own.Sum() is > 0 and var sum ? wall / sum : 0;
        return Array.ConvertAll(own, time => time * scale);
    }

    private int[] Reads(int[] members, int number, int[] step)
    {
        var reads = new SortedSet<int>();
        foreach (var read in members.SelectMany(flow.Reads).Where(flow.IsData))
        {
            // What a kernel dequantizes for itself comes to it as bytes.
            var tensor = read;
            while (flow.Maker(tensor) is >= 0 and var through && StepFinder.IsTransparent(flow, through, step))
                tensor = flow.Graph.Order[through].Inputs[0];
            var maker = flow.Maker(tensor) is >= 0 and var at ? step[at] : -1;
            if (maker != number)
                reads.Add(Add(tensor, maker));
        }

        return [.. reads];
    }

    private int Add(string tensor, int maker)
    {
        if (_places.TryGetValue(tensor, out var known))
            return known;
        var type = sizes.TryGetValue(tensor, out var value) ? value.Type : null;
        var bytes = type?.Count is { } count ? ((count * type.Element.Bits()) + 7) / 8 : 0;
        var datatype = type is null ? null : TensorTypes.FromOnnx((TensorElementType)(int)type.Element);
        var canCross = datatype is not null && (maker < 0 || visible.Contains(tensor));
        _tensors.Add(new ProfiledTensor(
            tensor, datatype?.Name() ?? "", bytes, maker, flow.Graph.IsOutput(tensor), canCross));
        return _places[tensor] = _tensors.Count - 1;
    }

    private string NameOf(int[] members) => flow.Graph.Order[members[^1]].Outputs[0];

    private string Operators(int[] members) => string.Join(
        " + ", members.Select(at => flow.Graph.Order[at].Operator)
            .Where(kind => members.Length == 1 || kind is not ("QuantizeLinear" or "DequantizeLinear")).DefaultIfEmpty(
                "QuantizeLinear"));

    private long WeightBytes(int[] members)
    {
        var (bytes, seen) = (0L, new HashSet<string>());
        var open = new Stack<string>(members.SelectMany(flow.Reads).Where(read => !flow.IsData(read)));
        foreach (var through in members.SelectMany(flow.Reads).Where(flow.IsData).Select(flow.Maker))
        {
            if (through >= 0 && flow.Graph.Order[through].Operator == "DequantizeLinear")
                foreach (var read in flow.Reads(through).Where(read => !flow.IsData(read)))
                    open.Push(read);
        }

        while (open.TryPop(out var tensor))
        {
            if (!seen.Add(tensor))
                continue;
            if (flow.Graph.Initializer(tensor) is { } constant)
                bytes += ((constant.Count * constant.Element.Bits()) + 7) / 8;
            else if (flow.Maker(tensor) is >= 0 and var maker)
                foreach (var read in flow.Reads(maker))
                    open.Push(read);
        }

        return bytes;
    }

    private long Macs(int at)
    {
        var node = flow.Graph.Order[at];
        var made = Shape(node.Outputs[0]);
        return node.Operator switch
        {
            "Conv" => Count(made) * Count(Shape(node.Input(1)).Skip(1)),
            "ConvTranspose" => Count(Shape(node.Input(0))) * Count(Shape(node.Input(1)).Skip(1)),
            "Gemm" => Count(made) * Shape(node.Input(0)).ElementAtOrDefault(node.Int("transA", 0) == 0 ? 1 : 0),
            "MatMul" => Count(made) * Shape(node.Input(0)).LastOrDefault(),
            _ => 0,
        };
    }

    private long[] Shape(string tensor) => sizes.TryGetValue(tensor, out var value)
        ? [.. value.Type.Dims!.Select(dim => dim.Value)]
        : _types.GetValueOrDefault(tensor)?.Dims is { } dims ? [.. dims.Select(dim => Math.Max(dim.Value, 1))] : [];

    private static long Count(IEnumerable<long> shape) => shape.Aggregate(1L, GraphTensor.Product);
}
