using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>A command under way.</summary>
internal sealed record HubCall(
    HubClient Client, ParseResult Parsed, OutputForm Form, CancellationToken Cancellation);

/// <summary>Makes commands that ask a hub.</summary>
internal static class HubVerb
{
    /// <param name="symbols">Its arguments and options, beside those of the hub.</param>
    public static Command Create(
        string name, string description, IEnumerable<Symbol> symbols, Func<HubCall, Task<int>> body,
        TimeSpan? timeout = null)
    {
        var command = new Command(name, description);
        Add(command, symbols);
        return On(command, body, timeout);
    }

    /// <summary>The same for a command that is there.</summary>
    public static Command On(Command command, Func<HubCall, Task<int>> body, TimeSpan? timeout = null)
    {
        var hub = new HubOptions();
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            using var client = hub.Connect(parsed, timeout);
            var call = new HubCall(client, parsed, hub.Form(parsed), cancellation);
            try
            {
                return await body(call);
            }
            catch (HubException fault) when (fault.Status == ExitCodes.NotFound)
            {
                throw await NearName.AddAsync(call, fault);
            }
        }));
        return command;
    }

    public static void Add(Command command, IEnumerable<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else if (symbol is Option option)
                command.Options.Add(option);
        }
    }

    /// <summary>A part of a path of the API.</summary>
    public static string Escape(string? name) => Uri.EscapeDataString(name ?? "");
}
