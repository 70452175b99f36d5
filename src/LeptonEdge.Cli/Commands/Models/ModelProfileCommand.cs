using System.CommandLine;
using System.Globalization;
using LeptonEdge.Cli.Output;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Profiling;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton model profile</c>: what each step of a model costs on this machine.</summary>
internal static class ModelProfileCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model")
            { Description = "An .onnx file, or a bundle: the folder that holds its manifest.json." };
        var variant = new Option<ModelVariant?>("--variant")
            { Description = "Profile only this model of a bundle: fp32 or int8." };
        var runs = new Option<int?>("--runs") { Description = "Runs to measure; without it, about a second of them." };
        var threads = new Option<int>("--threads")
            { Description = "Threads within one operator.", DefaultValueFactory = _ => 1 };
        var batch = new Option<int>("--batch")
            { Description = "Size of the first dimension, where it is free.", DefaultValueFactory = _ => 1 };
        var shapes = new Option<string[]>("--shape")
            { Description = "Shape of an input that leaves more free, such as image=1x3x224x224." };
        var uplink = new Option<double?>("--uplink")
        {
            Description = "Mbit/s from device to hub: say where the model is best cut, over every way to share it.",
        };
        var slower = new Option<double>("--device-factor")
            { Description = "Times as long as here that the device takes.", DefaultValueFactory = _ => 1 };
        var hub = new Option<double>("--hub-factor")
            { Description = "Times as long as here that the hub takes when idle.", DefaultValueFactory = _ => 1 };
        var load = new Option<double>("--hub-load")
            { Description = "Percent of the hub that others use.", DefaultValueFactory = _ => 0 };
        var trip = new Option<double>("--round-trip")
            { Description = "Milliseconds that a call takes however small.", DefaultValueFactory = _ => 10 };
        var format = new Option<string>("--report")
            { Description = "table or json", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "profile",
            "Measure a model step by step on this machine, and the bytes at every place where it can be cut. What the "
            + "runtime computes in one go is one step. Status: 0 measured; 1 a file or an option is wrong.")
        {
            model, variant, runs, threads, batch, shapes, uplink, slower, hub, load, trip, format,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(model)!, parsed.GetValue(variant), parsed.GetValue(shapes) ?? [],
            new ProfilerOptions
            {
                Runs = parsed.GetValue(runs), Threads = parsed.GetValue(threads), Rows = parsed.GetValue(batch),
            },
            parsed.GetValue(uplink) is not { } rate ? null : () => new SplitConditions
            {
                DeviceFactor = parsed.GetValue(slower), HubFactor = parsed.GetValue(hub),
                HubLoad = parsed.GetValue(load) / 100, UplinkBitsPerSecond = rate * 1e6,
                RoundTrip = TimeSpan.FromMilliseconds(parsed.GetValue(trip)),
            },
            parsed.GetValue(format) == "json"));
        return command;
    }

    private static int Run(
        string path, ModelVariant? variant, string[] shapes, ProfilerOptions options, Func<SplitConditions>? asked,
        bool json)
    {
        try
        {
            var conditions = asked?.Invoke();
            conditions?.Validate();
            options = options with { Shapes = shapes.Select(Shape).ToDictionary() };
            ProfileTable.Write([.. Files(path, variant).Select(file => ProgressBar.Run(tell => ModelProfiler.Profile(
                file.Name, file.Bytes, file.Folder, options, TimeProvider.System, tell)))], conditions, json);
            return 0;
        }
        catch (ModelException fault)
        {
            return Fail($"{path}: {fault.Message}");
        }
        catch (Exception fault) when (fault is ArgumentException or OverflowException)
        {
            return Fail(fault.Message);
        }
        catch (Exception fault) when (fault is ProfilerException or SplitException or ModelBundleException
            or IOException or UnauthorizedAccessException)
        {
            return Fail(fault.Message);
        }
    }

    private static IEnumerable<(string Name, byte[] Bytes, string? Folder)> Files(string path, ModelVariant? variant)
    {
        if (!Directory.Exists(path))
            return [(Path.GetFileName(path), File.ReadAllBytes(path), Path.GetDirectoryName(Path.GetFullPath(path)))];
        var bundle = ModelBundle.Load(path);
        var files = bundle.Manifest.Files.Keys.Where(key => variant is null || key == variant).OrderDescending()
            .Select(key => ($"{bundle.Reference} {key.ToString().ToLowerInvariant()}", bundle.ReadModel(key),
                (string?)bundle.Folder)).ToArray();
        return files.Length > 0 ? files : throw new ProfilerException($"{bundle.Reference} has no {variant} model");
    }

    private static KeyValuePair<string, long[]> Shape(string text)
    {
        var at = text.LastIndexOf('=');
        var sizes = at > 0 ? text[(at + 1)..].Split('x') : [];
        var shape = new long[sizes.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            if (!long.TryParse(sizes[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i])
                || shape[i] is < 1 or > int.MaxValue)
            {
                throw new ProfilerException($"--shape: '{text}' is no shape; write INPUT=1x3x224x224");
            }
        }

        return at > 0
            ? new(text[..at], shape) : throw new ProfilerException($"--shape: '{text}'; write INPUT=1x3x224x224");
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"lepton model profile: {message}");
        return 1;
    }
}
