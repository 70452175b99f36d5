using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton doctor</c>: what is wrong with this machine's part of the fleet, and what to do.</summary>
internal static class DoctorCommand
{
    public const string Description =
        "Check clock, disk, certificates, keys, configuration and the way to the hub, and say what to do. Status: 0 "
        + "nothing failed; 7 something did.";

    private const string AgentFile = "/etc/lepton/agent.yaml";
    private const string HubFile = "/etc/lepton/hub.yaml";

    public static void Fill(Command command)
    {
        var agent = File("--agent-config", $"An agent's configuration; {AgentFile} if it is there.");
        var hubFile = File("--hub-config", $"A hub's configuration; {HubFile} if it is there.");
        var data = File("--data", "A data folder of a hub, where no configuration names it.");
        var hub = new HubOptions();
        HubVerb.Add(command, [agent, hubFile, data]);
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            var patient = new Patient(
                parsed.GetValue(agent) ?? Present(AgentFile), parsed.GetValue(hubFile) ?? Present(HubFile),
                parsed.GetValue(data));
            var choice = hub.Choose(parsed);
            var findings = new List<Finding>(MachineChecks.All());
            findings.AddRange(FileChecks.All(patient, choice, out var places));
            findings.AddRange(await NetworkChecks.AllAsync(choice, places, cancellation));
            return Write(hub.Form(parsed), findings);
        }));
    }

    private static Option<string?> File(string name, string description) => new(name) { Description = description };

    private static string? Present(string file) => System.IO.File.Exists(file) ? file : null;

    private static int Write(OutputForm form, List<Finding> findings)
    {
        var failed = findings.Count(finding => finding.State == FindingState.Fail);
        var rows = findings.Select(finding => JsonSerializer.SerializeToElement(new
        {
            check = finding.Check, state = finding.State.ToString().ToLowerInvariant(), found = finding.Found,
            remedy = finding.Remedy,
        })).ToList();
        if (form is OutputForm.Table or OutputForm.Wide)
            Lines(findings);
        else
            SheetWriter.Write(form, Finding.Rows, JsonSerializer.SerializeToElement(new { items = rows, failed }),
                rows);
        return failed > 0 ? ExitCodes.No : ExitCodes.Ok;
    }

    // A remedy is a sentence: it stands below what it is for.
    private static void Lines(List<Finding> findings)
    {
        var width = findings.Max(finding => finding.Check.Length);
        foreach (var finding in findings)
        {
            var (word, tone) = finding.State switch
            {
                FindingState.Ok => ("ok  ", Tone.Good),
                FindingState.Warn => ("warn", Tone.Warn),
                _ => ("FAIL", Tone.Bad),
            };
            var state = Terminal.HasColour ? Terminal.Paint(word, tone) : word;
            Console.WriteLine($"{state}  {finding.Check.PadRight(width)}  {TextWidth.OneLine(finding.Found)}");
            if (finding.Remedy.Length > 0)
                Console.WriteLine($"{new string(' ', 6 + width)}  -> {TextWidth.OneLine(finding.Remedy)}");
        }
    }
}

/// <summary>What is examined; null: not this.</summary>
internal sealed record Patient(string? AgentConfig, string? HubConfig, string? Data);

/// <summary>Places that files name, which the network checks go on with.</summary>
/// <param name="Ca">The fleet's authority; null: none is known.</param>
internal sealed record NamedPlaces(string? MqttHost, int MqttPort, IReadOnlyList<Uri> Grpc, string? Ca);
