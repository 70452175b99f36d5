using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What a name that the hub does not know was likely meant to be.</summary>
internal static class NearName
{
    private static readonly Dictionary<string, (string Path, Func<JsonElement, string> Name)> s_lists = new()
    {
        ["device"] = ("devices", row => row.Text("device")),
        ["site"] = ("sites", row => row.Text("site")),
        ["workload"] = ("workloads", row => $"{row.Text("device")}/{row.Text("workload")}"),
        ["model"] = ("models", row => $"{row.Text("name")}/{row.Text("version")}"),
    };

    /// <summary>The same fault, with the name of the hub's that is nearest, if one is near.</summary>
    public static async Task<HubException> AddAsync(HubCall call, HubException fault)
    {
        foreach (var argument in call.Parsed.CommandResult.Command.Arguments.OfType<Argument<string>>())
        {
            if (!s_lists.TryGetValue(argument.Name, out var list) || call.Parsed.GetValue(argument) is not { } given)
                continue;
            try
            {
                var known = await Paging.ReadAsync(call.Client, $"api/v1/{list.Path}", 1000, call.Cancellation);
                var names = known.Rows.Select(list.Name).ToList();
                if (!names.Contains(given) && NearWord.Of(given, names) is { } near)
                    return new HubException($"{fault.Message}; did you mean '{near}'?", fault.Status);
            }
            catch (HubException)
            {
                // What is wrong is known; that nothing is near is no fault of its own.
            }
        }

        return fault;
    }
}
