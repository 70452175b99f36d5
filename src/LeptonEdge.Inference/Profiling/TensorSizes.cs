using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Type and shape of every tensor that depends on the inputs, from one run that gives them all.</summary>
internal static class TensorSizes
{
    /// <returns>By name; what is no tensor, such as a list of them, is absent.</returns>
    public static Dictionary<string, GraphValue> Measure(byte[] tagged, DataFlow flow, IReadOnlyList<Tensor> inputs)
    {
        var model = ModelProto.Parser.ParseFrom(tagged);
        var stated = model.Graph.Output.Select(output => output.Name).ToHashSet();
        foreach (var tensor in flow.Tensors.Where(stated.Add))
            model.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(model.ToByteArray(), options);
        using var values = new BoundInputs(inputs);
        using var run = new RunOptions();
        using var results = session.Run(run, values.Names, values.Values, session.OutputNames);
        var sizes = inputs.ToDictionary(
            input => input.Name, input => Value(input.Name, (ElementType)(int)input.Type.ToOnnx(), input.Shape));
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].IsTensor && results[i].GetTensorTypeAndShape() is var info)
                sizes[session.OutputNames[i]] = Value(
                    session.OutputNames[i], (ElementType)(int)info.ElementDataType, info.Shape);
        }

        return sizes;
    }

    private static GraphValue Value(string name, ElementType element, long[] shape) =>
        new(name, new Graphs.TensorType(element, [.. shape.Select(dim => new Dimension(dim))]));
}
