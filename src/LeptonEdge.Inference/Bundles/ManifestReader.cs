using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Signals;

namespace LeptonEdge.Inference.Bundles;

/// <summary>Turns a manifest as written into one that holds, or into the list of everything wrong with it.</summary>
internal sealed class ManifestReader(ManifestDocument document)
{
    private const int ClassesMax = 4096;

    private readonly List<string> _faults = [];

    public ModelManifest Read(string folder)
    {
        if (document.Schema != ModelManifest.SchemaSupported)
            Fault("schema", $"is {Show(document.Schema)}; this release reads {ModelManifest.SchemaSupported}");
        var reference = Reference();
        var task = Task();
        var files = Files();
        var input = Tensor("input", document.Input);
        var output = Tensor("output", document.Output);
        var classes = task == ModelTask.Classification ? Classes(output) : [];
        var score = new ScoreReader(document.Score, task, classes, input, output, Fault).Read();
        var channels = Channels();
        var rate = document.SampleRateHz ?? (channels.Count > 0 ? 1 : double.NaN);
        var window = document.WindowSamples ?? (channels.Count > 0 ? 1 : 0);
        Transforms(rate, window * Math.Max(channels.Count, 1), input);
        var stage = new StageReader(document.Stage, files.Keys, Fault).Read();
        if (_faults.Count > 0)
            throw new ModelBundleException(folder, _faults);
        return new ModelManifest
        {
            Reference = reference,
            Description = document.Description ?? "",
            Licence = document.Licence!,
            Task = task,
            Files = files,
            Input = input!,
            Output = output!,
            Classes = classes,
            Score = score!,
            SampleRateHz = rate,
            WindowSamples = window,
            Channels = channels,
            Transforms = document.Transforms ?? [],
            Metrics = document.Metrics,
            Stage = stage,
        };
    }

    private ModelReference Reference()
    {
        // A wrong name must not hide a wrong version: try each beside a right one.
        var name = Name("name", document.Name, value => new ModelReference(value, "1").Name);
        var version = Name("version", document.Version, value => new ModelReference("m", value).Version);
        if (string.IsNullOrWhiteSpace(document.Licence))
            Fault("licence", "is missing; state one, such as \"MIT\"");
        return name is null || version is null ? default : new ModelReference(name, version);
    }

    private string? Name(string field, string? value, Func<string, string> check)
    {
        try
        {
            return check(value ?? "");
        }
        catch (FormatException e)
        {
            Fault(field, e.Message);
            return null;
        }
    }

    private ModelTask Task()
    {
        if (document.Task is not ("classification" or "anomaly"))
            Fault("task", $"is {Show(document.Task)}; use \"classification\" or \"anomaly\"");
        return document.Task == "anomaly" ? ModelTask.Anomaly : ModelTask.Classification;
    }

    private Dictionary<ModelVariant, ModelFile> Files()
    {
        var files = new Dictionary<ModelVariant, ModelFile>();
        foreach (var (key, file) in document.Files ?? [])
        {
            var variant = VariantOf(key);
            if (variant is null)
                Fault($"files.{key}", "is not known; use \"fp32\" and \"int8\"");
            else if (File($"files.{key}", file) is { } read)
                files[variant.Value] = read;
        }

        if (document.Files is null or { Count: 0 })
            Fault("files", "is missing; name at least one of \"fp32\" and \"int8\"");
        return files;
    }

    /// <summary>The variant of a manifest's key; null for an unknown one.</summary>
    internal static ModelVariant? VariantOf(string key) => key switch
    {
        "int8" => ModelVariant.Int8,
        "fp32" => ModelVariant.Fp32,
        _ => null,
    };

    private ModelFile? File(string field, FileDocument? file)
    {
        var before = _faults.Count;
        var name = file?.Path ?? "";

        // A plain name cannot lead out of the folder, whatever system reads it.
        if (name.Length is 0 or > 128 || name[0] == '.' || !name.All(IsNameCharacter))
            Fault($"{field}.path", $"is {Show(file?.Path)}; use a plain file name of a-z, A-Z, 0-9, '.', '_' and '-'");
        byte[] hash = [];
        if (file?.Sha256 is not { Length: 64 } hex || !hex.All(char.IsAsciiHexDigit))
            Fault($"{field}.sha256", $"is {Show(file?.Sha256)}; use 64 hexadecimal digits");
        else
            hash = Convert.FromHexString(hex);
        if (file?.Bytes is not (> 0 and <= ModelManifest.ModelBytesMax))
            Fault($"{field}.bytes", $"is {Show(file?.Bytes)}; use 1 to {ModelManifest.ModelBytesMax}");
        return _faults.Count == before ? new ModelFile(name, hash, file!.Bytes!.Value) : null;
    }

    private ModelTensor? Tensor(string field, TensorDocument? tensor)
    {
        var before = _faults.Count;
        if (string.IsNullOrEmpty(tensor?.Name))
            Fault($"{field}.name", "is missing");
        if (tensor?.Type is not "float32")
            Fault($"{field}.type", $"is {Show(tensor?.Type)}; only \"float32\" is supported");
        if (tensor?.Shape is not [1 or -1, > 0 and <= ModelManifest.WidthMax])
            Fault($"{field}.shape", $"is {(tensor?.Shape is { } given ? $"[{string.Join(", ", given)}]" : "missing")}; "
                + $"use [1, N] with N from 1 to {ModelManifest.WidthMax} (-1 in place of 1: any number of rows)");
        return _faults.Count == before ? new ModelTensor(tensor!.Name!, tensor.Shape![1]) : null;
    }

    private string[] Classes(ModelTensor? output)
    {
        var classes = document.Classes ?? [];
        if (classes.Count is < 2 or > ClassesMax)
            Fault("classes", $"has {classes.Count} entries; a classification has 2 to {ClassesMax}");
        else if (output is not null && classes.Count != output.Width)
            Fault("classes", $"has {classes.Count} entries, but the output has {output.Width} values");
        for (var i = 0; i < classes.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(classes[i]) || classes.IndexOf(classes[i]) < i)
                Fault($"classes[{i}]", $"is {Show(classes[i])}; each class needs a name of its own");
        }

        return [.. classes.Select(name => name ?? "")];
    }

    private List<ChannelName> Channels()
    {
        var channels = new List<ChannelName>();
        var names = document.Channels ?? [];
        for (var i = 0; i < names.Count; i++)
        {
            if (Name($"channels[{i}]", names[i], value => new ChannelName(value).Value) is not { } name)
                continue;
            if (channels.Contains(new ChannelName(name)))
                Fault($"channels[{i}]", $"is '{name}' again");
            channels.Add(new ChannelName(name));
        }

        return channels;
    }

    private void Transforms(double rate, int samples, ModelTensor? input)
    {
        if (document.SampleRateHz is null && double.IsNaN(rate))
            Fault("sample_rate_hz", "is missing; only a model with \"channels\" can do without");
        if (document.WindowSamples is null && samples == 0)
            Fault("window_samples", "is missing; only a model with \"channels\" can do without");
        if (double.IsNaN(rate) || samples == 0)
            return;
        try
        {
            var chain = TransformChain.Create(document.Transforms ?? [], samples, rate);
            if (input is not null && chain.OutputLength != input.Width)
                Fault("transforms", $"make {chain.OutputLength} values of {samples}, but the input has {input.Width}");
        }
        catch (TransformException e)
        {
            _faults.Add($"{ModelBundle.ManifestName}: {e.Message}");
        }
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';

    private static string Show(object? value) => value switch
    {
        null => "missing",
        string { Length: > 80 } text => $"\"{text[..80]}…\"",
        string text => $"\"{text}\"",
        _ => FormattableString.Invariant($"{value}"),
    };

    private void Fault(string field, string what) => _faults.Add($"{ModelBundle.ManifestName}: {field}: {what}");
}
