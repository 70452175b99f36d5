using System.Globalization;
using Google.Protobuf;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Takes tensors that lie in files beside the model into it.</summary>
internal static class ExternalTensors
{
    /// <param name="graph">Of a model that was checked, so that its paths stay within the folder.</param>
    /// <param name="folder">The model's folder.</param>
    public static void Inline(GraphProto graph, string folder)
    {
        foreach (var tensor in graph.Initializer.Where(tensor => tensor.DataLocation == 1))
        {
            string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;
            using var stream = File.OpenRead(Path.Combine(folder, Entry("location")!));
            stream.Position = Number(Entry("offset") ?? "0");
            var bytes = new byte[Entry("length") is { } length ? Number(length) : stream.Length - stream.Position];
            stream.ReadExactly(bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
