using System.Text;

namespace LeptonEdge.Inference.Bundles;

/// <summary>
/// Looks through a model for tensors whose data is in another file. ONNX Runtime would open such files by the paths
/// that the model gives, which the bundle's hashes do not cover.
/// </summary>
/// <remarks>Field numbers of onnx.proto.</remarks>
internal static class OnnxScan
{
    // Nested graphs come from control flow operators; real models nest two or three deep.
    private const int DepthMax = 32;

    private enum Kind
    {
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        SparseTensor,
        Function,
    }

    /// <summary>Why the model must not be loaded; null if it may.</summary>
    public static string? FindFault(ReadOnlySpan<byte> model) => Scan(model, Kind.Model, 0);

    private static string? Scan(ReadOnlySpan<byte> message, Kind kind, int depth)
    {
        if (depth > DepthMax)
            return $"its graphs are nested more than {DepthMax} deep";
        var external = false;
        var name = "";
        while (message.Length > 0)
        {
            // Nothing may follow that this reader cannot see but another one might.
            if (!TryReadField(ref message, out var field, out var number, out var bytes))
                return "it is not an ONNX model, or not all of one";
            if (kind == Kind.Tensor)
            {
                // 13: external_data, where it is; 14: data_location, 1 for external; 8: name.
                external |= field == 13 || (field == 14 && number == 1);
                if (field == 8)
                    name = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 200)]);
            }
            else if (Child(kind, field) is { } child && Scan(bytes, child, depth + 1) is { } found)
            {
                return found;
            }
        }

        return external ? $"tensor '{name}' keeps its data in another file; save the model as one file" : null;
    }

    private static Kind? Child(Kind kind, int field) => (kind, field) switch
    {
        (Kind.Model, 7) => Kind.Graph,
        (Kind.Model, 25) => Kind.Function,
        (Kind.Graph, 1) => Kind.Node,
        (Kind.Graph, 5) => Kind.Tensor,
        (Kind.Graph, 15) => Kind.SparseTensor,
        (Kind.Function, 7) => Kind.Node,
        (Kind.Function, 11) => Kind.Attribute,
        (Kind.Node, 5) => Kind.Attribute,
        (Kind.Attribute, 5 or 10) => Kind.Tensor,
        (Kind.Attribute, 6 or 11) => Kind.Graph,
        (Kind.Attribute, 22 or 23) => Kind.SparseTensor,
        (Kind.SparseTensor, 1 or 2) => Kind.Tensor,
        _ => null,
    };

    private static bool TryReadField(
        ref ReadOnlySpan<byte> message, out int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        field = 0;
        number = 0;
        bytes = default;
        if (!TryReadVarint(ref message, out var tag))
            return false;
        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return TryReadVarint(ref message, out number);
            case 1:
                return TrySkip(ref message, sizeof(ulong), out bytes);
            case 2:
                return TryReadVarint(ref message, out var length) && TrySkip(ref message, length, out bytes);
            case 5:
                return TrySkip(ref message, sizeof(uint), out bytes);
            default:
                return false;
        }
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> message, ulong length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length > (ulong)message.Length)
            return false;
        bytes = message[..(int)length];
        message = message[(int)length..];
        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (var i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7f) << (7 * i);
            if (message[i] >= 0x80)
                continue;
            message = message[(i + 1)..];
            return true;
        }

        return false;
    }
}
