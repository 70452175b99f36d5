using System.CommandLine;
using LeptonEdge.Cli.Commands;
using LeptonEdge.Cli.Demo;
using Spectre.Console;

// What is piped or asked to be plain holds no escape codes.
if (Console.IsOutputRedirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")))
{
    AnsiConsole.Profile.Capabilities.Ansi = false;
    AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
}

var root = new RootCommand("LeptonEdge: AI next to sensors, in step with one hub.")
{
    DemoCommand.Create(),
    HubCommand.Create(),
    AgentCommand.Create(),
    DeviceCommand.Create(),
    WorkloadCommand.Create(),
    PlanCommand.Create(),
    UsageCommand.Create(),
    JobCommand.Create(),
    ModelCommand.Create(),
};
// Ctrl-C asks the command to end; the demo then drains, compares and reports, which takes longer than the standard 2 s.
return await root.Parse(args).InvokeAsync(
    new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
