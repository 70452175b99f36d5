using System.CommandLine;
using LeptonEdge.Cli.Commands;
using LeptonEdge.Cli.Demo;

var root = new RootCommand("LeptonEdge: AI next to sensors, in step with one hub.")
{
    DemoCommand.Create(),
    HubCommand.Create(),
    AgentCommand.Create(),
    DeviceCommand.Create(),
    PlanCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
