using Google.Protobuf;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Splitting;

/// <summary>Asks ONNX Runtime for the types of tensors within a model that our own inference does not cover.</summary>
internal static class TensorProbe
{
    /// <exception cref="SplitException">ONNX Runtime does not load the model, or cannot tell either.</exception>
    public static Dictionary<string, TensorType> Types(byte[] file, IReadOnlyCollection<string> tensors)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        foreach (var tensor in tensors.Except(model.Graph.Output.Select(output => output.Name)).ToArray())
            model.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            using var session = new InferenceSession(model.ToByteArray(), options);
            return tensors.ToDictionary(tensor => tensor, tensor => TypeOf(tensor, session.OutputMetadata[tensor]));
        }
        catch (OnnxRuntimeException e)
        {
            throw new SplitException($"ONNX Runtime does not load the model: {e.Message}", e);
        }
    }

    private static TensorType TypeOf(string tensor, NodeMetadata node) => node.IsTensor
        ? new TensorType(
            (ElementType)(int)node.ElementDataType,
            [.. node.Dimensions.Select((dim, i) => dim >= 0
                ? new Dimension(dim)
                : new Dimension(-1, node.SymbolicDimensions[i] is { Length: > 0 } symbol ? symbol : null))])
        : throw new SplitException($"'{tensor}' is a {node.OnnxValueType}, which cannot cross a link");
}
