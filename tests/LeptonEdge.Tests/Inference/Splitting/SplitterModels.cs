using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Tests.Inference.Splitting;

/// <summary>Models whose cuts are not plain.</summary>
internal static class SplitterModels
{
    /// <summary>An output of each of three layers, as detectors have.</summary>
    public static byte[] Scales()
    {
        var graph = new GraphBuilder("scales", opset: 17);
        var at = graph.Input("x", [1, 4]);
        foreach (var (layer, output) in new[] { ("a", "y0"), ("b", "y1"), ("c", "y2") })
        {
            graph.Constant($"{layer}.w", [.. Enumerable.Range(0, 16).Select(i => (i % 5) - 1.7f)], 4, 4);
            at = graph.Node("MatMul", layer, [at, $"{layer}.w"]);
            graph.Node("Sigmoid", output, [at]);
            graph.Output(output, [1, 4]);
        }

        return graph.ToArray();
    }

    /// <summary>A block with a skip, with as many channels as the runtime keeps in a layout of its own.</summary>
    public static byte[] Skip()
    {
        const int Channels = 32;
        var graph = new GraphBuilder("skip", opset: 17);
        var random = new Random(5);
        string Conv(string input, string output, int from)
        {
            graph.Constant(
                $"{output}.w", [.. Enumerable.Range(0, Channels * from * 9).Select(_ => random.NextSingle() - 0.5f)],
                Channels, from, 3, 3);
            return graph.Node("Conv", output, [input, $"{output}.w"], ("pads", new long[] { 1, 1, 1, 1 }));
        }

        var a = graph.Node("Relu", "a", [Conv(graph.Input("x", [1, 3, 12, 12]), "c1", 3)]);
        var inner = Conv(graph.Node("Relu", "b", [Conv(a, "c2", Channels)]), "c3", Channels);
        graph.Node("Relu", "y", [graph.Node("Add", "sum", [inner, a])]);
        return graph.Output("y", [1, Channels, 12, 12]).ToArray();
    }
}
