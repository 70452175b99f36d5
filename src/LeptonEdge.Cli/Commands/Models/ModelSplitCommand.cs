using System.CommandLine;
using LeptonEdge.Cli.Output;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton model split</c>: one model in two stages, the first for the device, the second for the
/// hub.</summary>
internal static class ModelSplitCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model")
            { Description = "An .onnx file, or a bundle: the folder that holds its manifest.json." };
        var at = new Option<string?>("--at")
        {
            Description = "Tensors to cut at, separated by commas. Within a quantized region their int8 form crosses.",
        };
        var atInt8 = new Option<string?>("--at-int8")
            { Description = "Of a bundle's int8 model, where its tensors have other names." };
        var output = new Option<string?>("--out", "-o") { Description = "Folder for the two stages." };
        var list = new Option<bool>("--list") { Description = "List every single tensor that cuts the model." };
        var variant = new Option<ModelVariant?>("--variant")
            { Description = "Split only this model of a bundle: fp32 or int8." };
        var runs = new Option<int>("--runs")
        {
            Description = "Inputs, drawn at random, that both stages are compared with the whole on.",
            DefaultValueFactory = _ => 16,
        };
        var accept = new Option<bool>("--accept-difference")
            { Description = "Write the stages even if they round differently than the whole." };
        var format = new Option<string>("--report")
            { Description = "table or json", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "split",
            "Cut a model in two stages that together compute what it computes. Status: 0 written or listed; 1 a file "
            + "or a cut is wrong; 7 the stages differ from the whole, and were not written.")
        {
            model, at, atInt8, output, list, variant, runs, accept, format,
        };
        command.SetAction(parsed => Run(new Request(
            parsed.GetValue(model)!, Names(parsed.GetValue(at)), Names(parsed.GetValue(atInt8)),
            parsed.GetValue(output), parsed.GetValue(list), parsed.GetValue(variant),
            Math.Clamp(parsed.GetValue(runs), 1, 10_000), parsed.GetValue(accept), parsed.GetValue(format) == "json")));
        return command;
    }

    private static int Run(Request request)
    {
        try
        {
            if (!request.List && (request.At.Length == 0 || request.Out is null))
                return Fail("--at and --out are needed to split; --list shows where a model can be cut");
            return Directory.Exists(request.Model) ? OfBundle(request) : OfFile(request);
        }
        catch (ModelException fault)
        {
            return Fail($"{request.Model}: {fault.Message}");
        }
        catch (Exception fault) when (
            fault is SplitException or ModelBundleException or IOException or UnauthorizedAccessException)
        {
            return Fail(fault.Message);
        }
    }

    private static int OfFile(Request request)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Model))!;
        var splitter = new ModelSplitter(File.ReadAllBytes(request.Model), folder);
        if (request.List)
            return SplitTable.Cuts([(null, splitter)], request.Json);
        using var prover = SplitProver.Cut(splitter, splitter.Cuts.Find(request.At), request.Runs);
        if (Refuses([prover.Proof], request))
            return ExitCodes.No;
        Directory.CreateDirectory(request.Out!);
        var name = Path.GetFileNameWithoutExtension(request.Model);
        string[] files = [.. new[] { 1, 2 }.Select(
            index => Path.Combine(Path.GetFullPath(request.Out!), $"{name}-stage{index}.onnx"))];
        Write(files[0], prover.Split.Head);
        Write(files[1], prover.Split.Tail);
        return SplitTable.Written([new SplitRow(null, prover.Split, prover.Proof)], files, request.Json);
    }

    private static int OfBundle(Request request)
    {
        var bundle = ModelBundle.Load(request.Model);
        var variants = bundle.Manifest.Files.Keys.Where(key => request.Variant is null || key == request.Variant)
            .OrderDescending().ToArray();
        if (variants.Length == 0)
            return Fail($"{bundle.Reference} has no {request.Variant} model");
        var splitter = new BundleSplitter(bundle, variants);
        if (request.List)
            return SplitTable.Cuts(
                [.. splitter.Models.Select(model => ((ModelVariant?)model.Key, model.Value))], request.Json);
        var split = variants.Select(variant => OfVariant(splitter, variant, request)).ToArray();
        if (Refuses([.. split.Select(variant => variant.Proof)], request))
            return ExitCodes.No;
        var folders = splitter.Write(request.Out!, split);
        return SplitTable.Written(
            [.. split.Select(made => new SplitRow(made.Variant, made.Split, made.Proof))], folders, request.Json);
    }

    private static SplitVariant OfVariant(BundleSplitter splitter, ModelVariant variant, Request request)
    {
        try
        {
            var at = variant == ModelVariant.Int8 && request.AtInt8.Length > 0 ? request.AtInt8 : request.At;
            return splitter.Split(variant, at, request.Runs);
        }
        catch (SplitException fault)
        {
            var hint = variant == ModelVariant.Int8 && request.AtInt8.Length == 0
                ? ". --at-int8 names another place for this model" : "";
            throw new SplitException($"{variant.ToString().ToLowerInvariant()}: {fault.Message}{hint}", fault);
        }
    }

    private static bool Refuses(SplitProof[] proofs, Request request)
    {
        if (request.AcceptDifference || Array.Find(proofs, proof => !proof.IsExact) is not { } proof)
            return false;
        Console.Error.WriteLine("lepton model split: nothing was written: in "
            + $"{SplitTable.Difference(proof)}: the cut goes through what the runtime computes in one go. Cut "
            + "elsewhere (--list), or give --accept-difference");
        return true;
    }

    private static void Write(string file, byte[] model)
    {
        // Whole or not at all: whoever watches the folder never sees half a model.
        File.WriteAllBytes(file + ".part", model);
        File.Move(file + ".part", file, overwrite: true);
    }

    private static string[] Names(string? list) =>
        list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"lepton model split: {message}");
        return 1;
    }

    private sealed record Request(
        string Model, string[] At, string[] AtInt8, string? Out, bool List, ModelVariant? Variant, int Runs,
        bool AcceptDifference, bool Json);
}
