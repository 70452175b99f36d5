using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>A list of the API and how it is shown.</summary>
internal sealed record ListVerb(string Description, Sheet Sheet, string Path)
{
    public string Name { get; init; } = "list";

    public Argument[] Arguments { get; init; } = [];

    /// <summary>The path, where arguments are part of it.</summary>
    public Func<ParseResult, string>? PathOf { get; init; }

    public Filter[] Filters { get; init; } = [];

    /// <summary>Rows without <c>--limit</c>; lists of what happened are long.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Said on stderr of a terminal where there are none.</summary>
    public string? None { get; init; }

    public Command Create()
    {
        var limit = new Option<int>("--limit")
        {
            Description = Limit == int.MaxValue ? "At most so many; all unless given." : "At most so many.",
            DefaultValueFactory = _ => Limit,
        };
        var watch = new WatchOptions();
        return HubVerb.Create(
            Name, Description, [.. Arguments, .. Filters.Select(filter => filter.Option), limit, .. watch.All],
            call =>
            {
                var most = call.Parsed.GetValue(limit);
                if (most < 1)
                    throw HubException.Usage($"--limit: {most} must be 1 or more");
                var path = (PathOf?.Invoke(call.Parsed) ?? Path) + Filter.QueryOf(Filters, call.Parsed);
                return RunAsync(call, watch, path, async () =>
                {
                    var listed = await Paging.ReadAsync(call.Client, path, most, call.Cancellation);
                    return listed.Only(row => Array.TrueForAll(Filters, filter => filter.Keeps(call.Parsed, row)));
                });
            });
    }

    private async Task<int> RunAsync(HubCall call, WatchOptions watch, string path, Func<Task<Listed>> read)
    {
        if (watch.IsAsked(call.Parsed))
            return await Watching.RunAsync(call, Sheet, path, watch.Every(call.Parsed), read);
        var listed = await read();
        return SheetWriter.Write(call.Form, Sheet, listed.Whole, listed.Rows, None);
    }
}
