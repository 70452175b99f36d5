using System.CommandLine;
using LeptonEdge.Cli.Output;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton model …</c>: what is done to a model before it is shipped.</summary>
internal static class ModelCommand
{
    public static IEnumerable<Command> Verbs()
    {
        PlainConsole.Apply();
        return
        [
            ModelListCommand.List(), ModelListCommand.Show(), Quantize(), ModelProfileCommand.Create(),
            ModelSplitCommand.Create(),
        ];
    }

    private static Command Quantize()
    {
        var model = new Argument<string>("model") { Description = "The fp32 model, an .onnx file." };
        var calibrate = new Option<string>("--calibrate")
        {
            Description = "Folder of .npy files with ordinary windows, as the model takes them: stacked on the first "
                + "axis, or one a file.",
            Required = true,
        };
        var output = new Option<string>("--out", "-o") { Description = "File for the int8 model.", Required = true };
        var evaluate = new Option<string?>("--evaluate")
        {
            Description = "Folder of .npy files to measure accuracy on, with labels.npy (integers: classes; floats: "
                + "values) beside them; without it, the calibration windows.",
        };
        var measure = new Option<AccuracyMeasure>("--measure")
            { Description = "What the model answers: classes or values.", DefaultValueFactory = _ => default };
        var bits = new Option<int>("--weight-bits")
        {
            Description = "7 gives the same answers on every processor; 8 is for boards with VNNI or ARM cores.",
            DefaultValueFactory = _ => 7,
        };
        var accept = new Option<bool>("--accept-loss")
            { Description = "Write the model even if it keeps less than 99 % of fp32's accuracy." };
        var format = new Option<string>("--report")
            { Description = "table or json", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command(
            "quantize",
            "Make an int8 model of an fp32 one. Status: 0 written; 1 a file is wrong; 7 it loses more than 1 % of the "
            + "accuracy, and was not written.")
        {
            model, calibrate, output, evaluate, measure, bits, accept, format,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            new Request(
                parsed.GetValue(model)!, parsed.GetValue(calibrate)!, parsed.GetValue(evaluate),
                parsed.GetValue(output)!, parsed.GetValue(format) == "json"),
            new QuantizerOptions
            {
                Measure = parsed.GetValue(measure),
                WeightBits = parsed.GetValue(bits),
                AcceptLoss = parsed.GetValue(accept),
            },
            cancellation)));
        return command;
    }

    private static int Run(Request request, QuantizerOptions options, CancellationToken cancellation)
    {
        try
        {
            return Quantize(request, options, cancellation);
        }
        catch (ModelException fault)
        {
            return Fail($"{request.Model}: {fault.Message}");
        }
        catch (Exception fault) when (fault is QuantizerException or IOException or UnauthorizedAccessException)
        {
            return Fail(fault.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail("ended before the model was written");
        }
    }

    private static int Quantize(Request request, QuantizerOptions options, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Model))!;
        var target = Path.GetFullPath(request.Out);
        if (target == Path.GetFullPath(request.Model))
            return Fail($"--out: {request.Out} is the fp32 model itself; name another file");
        var file = File.ReadAllBytes(request.Model);
        var input = Quantizer.InputOf(file, folder);
        var calibration = WindowSet.Read(request.Calibrate, input);
        var evaluation = request.Evaluate is { } evaluate ? WindowSet.Read(evaluate, input) : calibration;
        var made = ProgressBar.Run(tell => Quantizer.Quantize(
            file, folder, calibration, evaluation, options,
            step => tell(step.Stage, step.Share), cancellation));
        QuantizerTable.Write(made.Report, request.Json);
        if (!made.KeepsAccuracy && !options.AcceptLoss)
        {
            Console.Error.WriteLine(
                $"lepton model quantize: {request.Out} was not written: int8 keeps {made.Report.Share:P2} of fp32's "
                + $"accuracy, {options.ShareMin:P0} are asked for. Give more calibration windows, or --accept-loss");
            return ExitCodes.No;
        }

        // Whole or not at all: whoever watches the folder never sees half a model.
        var part = target + ".part";
        File.WriteAllBytes(part, made.Model);
        File.Move(part, target, overwrite: true);
        return 0;
    }

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"lepton model quantize: {message}");
        return 1;
    }

    private sealed record Request(string Model, string Calibrate, string? Evaluate, string Out, bool Json);
}
