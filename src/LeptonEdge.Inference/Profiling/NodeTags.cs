using System.Globalization;
using Google.Protobuf;
using LeptonEdge.Inference.Graphs.Onnx;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Gives each node a name that is still to be found in what ONNX Runtime makes of it.</summary>
internal static class NodeTags
{
    /// <summary>Names each node after its place in the file.</summary>
    public static byte[] Apply(ModelProto model)
    {
        for (var place = 0; place < model.Graph.Node.Count; place++)
            model.Graph.Node[place].Name = string.Create(CultureInfo.InvariantCulture, $"@{place}@");
        return model.ToByteArray();
    }

    /// <summary>The place that a name made from a tagged one still tells; −1 if none.</summary>
    public static int Place(string name)
    {
        var from = name.IndexOf('@', StringComparison.Ordinal);
        var to = from < 0 ? -1 : name.IndexOf('@', from + 1);
        return to > 0 && int.TryParse(name.AsSpan(from + 1, to - from - 1), NumberStyles.None,
            CultureInfo.InvariantCulture, out var place) ? place : -1;
    }
}
