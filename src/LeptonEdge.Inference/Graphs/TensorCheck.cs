using System.Globalization;
using System.Runtime.InteropServices;

namespace LeptonEdge.Inference.Graphs;

/// <summary>Checks a constant tensor: it has a type, a shape, as many elements as that asks for, and no NaN.</summary>
internal static class TensorCheck
{
    /// <exception cref="ModelException">What is wrong with it.</exception>
    public static void Check(GraphTensor tensor, string? folder)
    {
        if (tensor.External is { } external)
            CheckExternal(tensor, external, folder);
        if (!tensor.Element.IsKnown())
            throw new ModelException($"tensor '{tensor.Name}' has no element type that is known");
        if (tensor.Dims.Any(dim => dim < 0) || tensor.Count > GraphTensor.ElementsMax)
            throw new ModelException($"tensor '{tensor.Name}' claims the shape [{string.Join(", ", tensor.Dims)}]; "
                + $"at most {GraphTensor.ElementsMax:#,0} elements");
        if (tensor.External is null && tensor.Stored < tensor.Count)
            throw new ModelException($"tensor '{tensor.Name}' claims {tensor.Count:#,0} elements, but the file holds "
                + $"{tensor.Stored:#,0} of them: copy the model again");
        if (tensor.External is null && tensor.Raw.Length > 0
            && tensor.Raw.Length != (tensor.Count * tensor.Element.Bits() + 7) / 8)
        {
            throw new ModelException($"tensor '{tensor.Name}' has the shape [{string.Join(", ", tensor.Dims)}], but "
                + $"{tensor.Raw.Length:#,0} bytes of elements");
        }

        if (HasNaN(tensor))
            throw new ModelException($"tensor '{tensor.Name}' holds NaN: its training did not converge");
    }

    /// <summary>Whether a floating-point tensor holds an infinity; what is in another file is not looked at.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="negativeToo">Whether −∞ counts as well as ∞.</param>
    public static bool HasInfinity(GraphTensor tensor, bool negativeToo)
    {
        var raw = tensor.Raw.Span;
        switch (tensor.Element)
        {
            case ElementType.Float:
                var floats = MemoryMarshal.Cast<byte, float>(raw);
                return FiniteValues.FirstNonFinite(floats) >= 0
                    && (negativeToo || floats.Contains(float.PositiveInfinity));
            case ElementType.Double:
                var doubles = MemoryMarshal.Cast<byte, double>(raw);
                return doubles.Contains(double.PositiveInfinity)
                    || (negativeToo && doubles.Contains(double.NegativeInfinity));
            case ElementType.Float16:
                var halves = MemoryMarshal.Cast<byte, ushort>(raw);
                return halves.Contains((ushort)0x7c00) || (negativeToo && halves.Contains((ushort)0xfc00));
            default:
                return false;
        }
    }

    private static bool HasNaN(GraphTensor tensor)
    {
        var raw = tensor.Raw.Span;
        switch (tensor.Element)
        {
            case ElementType.Float:
                var floats = MemoryMarshal.Cast<byte, float>(raw);

                // The quick search stops at an infinity too, which may be meant.
                for (var at = FiniteValues.FirstNonFinite(floats); at >= 0 && at < floats.Length; at++)
                {
                    if (float.IsNaN(floats[at]))
                        return true;
                }

                return false;
            case ElementType.Double:
                foreach (var value in MemoryMarshal.Cast<byte, double>(raw))
                {
                    if (double.IsNaN(value))
                        return true;
                }

                return false;
            case ElementType.Float16:
                return HasExponent(raw, 0x7c00);
            case ElementType.BFloat16:
                return HasExponent(raw, 0x7f80);
            default:
                return false;
        }
    }

    private static bool HasExponent(ReadOnlySpan<byte> raw, ushort exponent)
    {
        foreach (var value in MemoryMarshal.Cast<byte, ushort>(raw))
        {
            if ((value & 0x7fff) > exponent)
                return true;
        }

        return false;
    }

    private static void CheckExternal(GraphTensor tensor, ExternalData external, string? folder)
    {
        if (folder is null)
            throw new ModelException(
                $"tensor '{tensor.Name}' keeps its data in another file; save the model as one file");
        var path = external.Location;
        if (path.Length == 0 || Path.IsPathRooted(path) || path.Contains('\\', StringComparison.Ordinal)
            || path.Split('/').Contains("..") || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ModelException(
                $"tensor '{tensor.Name}' keeps its data in '{path}', which may lead out of the model's folder");
        }

        var file = new FileInfo(Path.Combine(folder, path));
        if (!file.Exists || HasLink(file, folder))
            throw new ModelException($"tensor '{tensor.Name}' keeps its data in '{path}', which is not a file in the "
                + "model's folder: copy it there");
        if (!TryNumber(external.Offset, out var offset)
            || !TryNumber(external.Length ?? $"{Math.Max(0, file.Length - offset)}", out var length)
            || offset > file.Length || length > file.Length - offset
            || (tensor.Element.Bits() > 0 && length < tensor.Count * (double)tensor.Element.Bits() / 8))
        {
            throw new ModelException($"tensor '{tensor.Name}' claims more bytes than '{path}' holds ({file.Length:#,0} "
                + "bytes): copy both again");
        }
    }

    private static bool HasLink(FileInfo file, string folder)
    {
        var root = Path.GetFullPath(folder);
        FileSystemInfo? at = file;
        while (at is not null && at.FullName.Length > root.Length)
        {
            if (at.LinkTarget is not null)
                return true;
            at = at is FileInfo leaf ? leaf.Directory : ((DirectoryInfo)at).Parent;
        }

        return false;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>Finds weights that are infinite. Masks and bounds may be: those are not multiplied.</summary>
internal static class WeightCheck
{
    public static void Check(GraphNode node, ModelGraph graph, HashSet<(string Tensor, bool Adds)> seen)
    {
        if (!node.IsStandard)
            return;
        var adds = node.Operator is "Add" or "Sub";
        if (!adds && node.Operator is not ("Conv" or "ConvTranspose" or "Gemm" or "MatMul" or "Mul" or "Div"
            or "BatchNormalization" or "InstanceNormalization" or "LayerNormalization" or "GroupNormalization"
            or "LSTM" or "GRU" or "RNN" or "PRelu" or "QuantizeLinear" or "DequantizeLinear" or "QLinearConv"
            or "QLinearMatMul"))
        {
            return;
        }

        foreach (var input in node.Inputs)
        {
            // A tensor that many nodes read is looked through once.
            if (graph.Initializer(input) is { } tensor && seen.Add((input, adds))
                && TensorCheck.HasInfinity(tensor, negativeToo: !adds))
                throw new ModelException($"tensor '{tensor.Name}', which {node.Title} computes with, holds infinite "
                    + "values: its training did not converge");
        }
    }
}
