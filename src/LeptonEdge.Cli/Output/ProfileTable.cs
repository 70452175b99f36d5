using System.Globalization;
using System.Text.Json;
using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Profiling;
using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>Prints what each step of a model costs, and what crosses at each place where it can be cut.</summary>
internal static class ProfileTable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    public static void Write(IReadOnlyList<MeasuredModel> models, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { models = models.Select(Document) }, s_json));
            return;
        }

        foreach (var model in models)
        {
            Steps(model);
            Cuts(model.Profile);
        }
    }

    private static void Steps(MeasuredModel model)
    {
        var profile = model.Profile;
        Console.WriteLine(string.Create(
            Invariant, $"{profile.Model}: {Micros(model.Wall)} µs a run (median of {model.Runs}; {profile.Rows} rows, ")
            + $"{profile.Threads} threads); in the runtime's profile {Micros(model.Kernels)} µs, brought to that sum");
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("step").AddColumn("computes").AddColumn(Right("µs")).AddColumn(Right("share"))
            .AddColumn(Right("MAC")).AddColumn(Right("weights, bytes")).AddColumn(Right("gives, bytes"));
        for (var at = 0; at < profile.Steps.Count; at++)
        {
            var step = profile.Steps[at];
            table.AddRow(
                Markup.Escape(step.Name), step.Operators, Micros(step.Time),
                (step.Time / profile.Total).ToString("0.0 %", Invariant), Number(step.Macs), Number(step.WeightBytes),
                Number(profile.Tensors.Where(tensor => tensor.Maker == at).Sum(tensor => tensor.Bytes)));
        }

        AnsiConsole.Write(table);
    }

    private static void Cuts(ModelProfile profile)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("cut at").AddColumn("type").AddColumn(Right("bytes")).AddColumn(Right("µs before"))
            .AddColumn(Right("µs after"));
        foreach (var cut in profile.ChainCuts())
        {
            var (tensor, before) = (profile.Tensors[cut.Tensor], Before(profile, cut));
            table.AddRow(
                Markup.Escape(tensor.Name), tensor.Datatype, Number(tensor.Bytes), Micros(before),
                Micros(profile.Total - before));
        }

        AnsiConsole.Write(table);
    }

    private static object Document(MeasuredModel model) => new
    {
        model.Profile.Model,
        model.Profile.Rows,
        model.Profile.Threads,
        model.Runs,
        micros = model.Wall.TotalMicroseconds,
        kernelMicros = model.Kernels.TotalMicroseconds,
        steps = model.Profile.Steps.Select(step => new
        {
            step.Name, step.Operators, micros = step.Time.TotalMicroseconds, step.Macs, step.WeightBytes, step.Reads,
        }),
        model.Profile.Tensors,
        cuts = model.Profile.ChainCuts().Select(cut => new
        {
            model.Profile.Tensors[cut.Tensor].Name, model.Profile.Tensors[cut.Tensor].Bytes, cut.StepsBefore,
            microsBefore = Before(model.Profile, cut).TotalMicroseconds,
        }),
    };

    private static TimeSpan Before(ModelProfile profile, ChainCut cut) =>
        new(profile.Steps.Take(cut.StepsBefore).Sum(step => step.Time.Ticks));

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static string Micros(TimeSpan time) => time.TotalMicroseconds.ToString("#,0.0", Invariant);

    private static string Number(long number) => number.ToString("#,0", Invariant);
}
