using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Inference.Quantizing;

/// <summary>Windows to run a model on, with what they are where that is known.</summary>
/// <param name="Values">All windows, one after the other.</param>
/// <param name="Width">Values of one window.</param>
/// <param name="Labels">A class, or the right values, for each window; null where there are none.</param>
/// <param name="LabelWidth">Values of one label.</param>
/// <param name="LabelsAreClasses">Whether labels are integers.</param>
public sealed record WindowSet(
    float[] Values, int Width, float[]? Labels = null, int LabelWidth = 1, bool LabelsAreClasses = false)
{
    private const string LabelsName = "labels.npy";
    private const int FilesMax = 100_000;

    public int Count => Values.Length / Width;

    public ReadOnlySpan<float> this[int window] => Values.AsSpan(window * Width, Width);

    /// <summary>Reads a folder of .npy files, in the order of their names; labels.npy holds the labels.</summary>
    /// <param name="folder">The folder: windows stacked on the first axis, or one window a file.</param>
    /// <param name="input">The model's input.</param>
    /// <exception cref="QuantizerException">A file is no array, or does not fit the model.</exception>
    public static WindowSet Read(string folder, GraphValue input)
    {
        if (!Directory.Exists(folder))
            throw new QuantizerException($"{folder}: there is no such folder");
        var files = Directory.GetFiles(folder, "*.npy").Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file) != LabelsName).ToArray();
        if (files.Length == 0)
            throw new QuantizerException($"{folder}: holds no .npy files: save windows there with numpy.save");
        if (files.Length > FilesMax)
            throw new QuantizerException($"{folder}: holds {files.Length} files: stack windows on the first axis");
        var inner = Inner(input, NpyArray.Read(files[0]));
        var width = checked((int)inner.Aggregate(1L, GraphTensor.Product));
        var values = new List<float>();
        foreach (var file in files)
        {
            var array = NpyArray.Read(file);
            if (!Fits(array.Shape, inner) || array.Values.Length == 0)
                throw new QuantizerException($"{file}: has shape ({string.Join(", ", array.Shape)}), but the model's "
                    + $"input '{input.Name}' takes windows of ({string.Join(", ", inner)}): stack them on the first "
                    + "axis");
            if (values.Count + (long)array.Values.Length > Array.MaxLength)
                throw new QuantizerException($"{folder}: holds more than 8 GB: take fewer windows");
            values.AddRange(array.Values);
        }

        return WithLabels(folder, new WindowSet([.. values], width));
    }

    /// <summary>At most so many windows, spread evenly.</summary>
    public WindowSet Spread(int countMax)
    {
        if (Count <= countMax)
            return this;
        var (values, labels) = (new float[countMax * Width], Labels is null ? null : new float[countMax * LabelWidth]);
        for (var i = 0; i < countMax; i++)
        {
            var from = (int)((long)i * Count / countMax);
            this[from].CopyTo(values.AsSpan(i * Width));
            Labels?.AsSpan(from * LabelWidth, LabelWidth).CopyTo(labels.AsSpan(i * LabelWidth));
        }

        return this with { Values = values, Labels = labels };
    }

    private static WindowSet WithLabels(string folder, WindowSet windows)
    {
        var file = Path.Combine(folder, LabelsName);
        if (!File.Exists(file))
            return windows;
        var labels = NpyArray.Read(file);
        if (labels.Shape.Count == 0 || labels.Shape[0] != windows.Count)
            throw new QuantizerException($"{file}: has shape ({string.Join(", ", labels.Shape)}), but there are "
                + $"{windows.Count} windows: one label for each, in the order of the files' names");
        return windows with
        {
            Labels = labels.Values,
            LabelWidth = labels.Values.Length / windows.Count,
            LabelsAreClasses = labels.IsInteger,
        };
    }

    /// <summary>Shape of one window: the model's, without its first dimension; free dimensions as in the
    /// file.</summary>
    private static long[] Inner(GraphValue input, NpyArray example)
    {
        if (input.Type.Dims is not { Count: > 0 } dims)
            throw new QuantizerException($"input '{input.Name}' has no shape: export the model with one");
        var inner = dims.Skip(1).ToArray();
        if (inner.All(dim => dim.IsFixed))
            return [.. inner.Select(dim => dim.Value)];
        var shape = example.Shape.TakeLast(inner.Length).ToArray();
        if (shape.Length < inner.Length)
            throw new QuantizerException($"input '{input.Name}' leaves its shape {input.Type.Shape} free, and the "
                + $"windows' shape ({string.Join(", ", example.Shape)}) does not settle it");
        return [.. inner.Select((dim, i) => dim.IsFixed ? dim.Value : shape[i])];
    }

    private static bool Fits(IReadOnlyList<long> shape, long[] inner) =>
        (shape.Count == inner.Length || shape.Count == inner.Length + 1)
        && shape.Skip(shape.Count - inner.Length).SequenceEqual(inner);
}
