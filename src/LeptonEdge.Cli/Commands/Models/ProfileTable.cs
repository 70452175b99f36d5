using System.Globalization;
using System.Text.Json;
using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Profiling;
using LeptonEdge.Placement.Splits;
using Spectre.Console;

namespace LeptonEdge.Cli.Commands;

/// <summary>Prints what each step of a model costs, and what crosses at each place where it can be cut.</summary>
internal static class ProfileTable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <param name="models">What was measured.</param>
    /// <param name="conditions">What the best cut is wanted for; null: none is.</param>
    /// <param name="asJson">For scripts.</param>
    public static void Write(IReadOnlyList<MeasuredModel> models, SplitConditions? conditions, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { models = models.Select(model => Document(model, conditions)) }, s_json));
            return;
        }

        foreach (var model in models)
        {
            Steps(model);
            Cuts(model.Profile);
            if (conditions is not null)
                SplitAdvice.Write(model.Profile, conditions);
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
        table.AddColumn("crosses too");
        foreach (var cut in profile.Cuts())
        {
            var (tensors, before) = (cut.Tensors.Select(at => profile.Tensors[at]).ToArray(), Before(profile, cut));
            table.AddRow(
                Markup.Escape(Names(tensors, isInput: false)),
                string.Join(",", tensors.Select(tensor => tensor.Datatype).Distinct()),
                Number(tensors.Sum(tensor => tensor.Bytes)), Micros(before), Micros(profile.Total - before),
                Markup.Escape(Names(tensors, isInput: true)));
        }

        AnsiConsole.Write(table);
    }

    private static object Document(MeasuredModel model, SplitConditions? conditions) => new
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
        cuts = model.Profile.Cuts().Select(cut => Document(model.Profile, cut)),
        best = conditions is null ? null : SplitAdvice.Document(model.Profile, conditions),
    };

    private static object Document(ModelProfile profile, OrderCut cut)
    {
        var tensors = cut.Tensors.Select(at => profile.Tensors[at]).ToArray();
        return new
        {
            name = Names(tensors, isInput: false), crossesToo = Names(tensors, isInput: true),
            bytes = tensors.Sum(tensor => tensor.Bytes), cut.StepsBefore,
            microsBefore = Before(profile, cut).TotalMicroseconds,
        };
    }

    private static string Names(ProfiledTensor[] tensors, bool isInput) => string.Join(
        ",", tensors.Where(tensor => tensor.Maker < 0 == isInput).Select(tensor => tensor.Name));

    private static TimeSpan Before(ModelProfile profile, OrderCut cut) =>
        new(profile.Steps.Take(cut.StepsBefore).Sum(step => step.Time.Ticks));

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static string Micros(TimeSpan time) => time.TotalMicroseconds.ToString("#,0.0", Invariant);

    private static string Number(long number) => number.ToString("#,0", Invariant);
}
