using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton context …</c>: the hubs that a person works with.</summary>
internal static class ContextCommand
{
    private static readonly Sheet s_rows = new(
        Sheet.By("name"),
        Column.Flag("current", "current", "*", ""),
        Column.Text("name", "name"),
        Column.Text("hub", "hub"),
        Column.Text("token", "token"),
        Column.Text("ca", "ca"));

    public static IEnumerable<Command> Verbs() => [Add(), Use(), List(), Show(), Remove()];

    private static Command Add()
    {
        var name = Name(complete: false);
        var hub = new Option<string>("--hub")
            { Description = "Address of the hub's API, such as https://hub.example:8443.", Required = true };
        var ca = new Option<string?>("--ca") { Description = "The fleet's certificate authority: a PEM file." };
        var file = new Option<string?>("--token-file")
            { Description = "File that holds the token; read each time. LEPTON_TOKEN is kept instead if it is set." };
        var use = new Option<bool>("--use") { Description = "Make it the current one; the first one is anyway." };
        return Local("add", "Add a hub, or replace the one of this name. 'lepton login' adds a token to it.",
            [name, hub, ca, file, use], parsed =>
            {
                var address = parsed.GetValue(hub)!;
                if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                    throw HubException.Usage($"--hub: '{address}' is not an address such as https://hub.example:8443");
                var tokenFile = FileOf("--token-file", parsed.GetValue(file));
                var token = tokenFile is null ? Environment.GetEnvironmentVariable("LEPTON_TOKEN") : null;
                var context = new HubContext(
                    NameOf(parsed.GetValue(name)!), uri.ToString(), FileOf("--ca", parsed.GetValue(ca)),
                    string.IsNullOrEmpty(token) ? null : token, tokenFile);
                var before = ContextFile.Read();
                var after = before.With(context);
                return parsed.GetValue(use) || before.Current is null
                    ? (after with { Current = context.Name }, $"context {context.Name}, now current")
                    : (after, $"context {context.Name}");
            });
    }

    private static Command Use()
    {
        var name = Name();
        return Local("use", "Make a context the current one.", [name], parsed =>
        {
            var file = ContextFile.Read();
            var found = file.Find(parsed.GetValue(name)!, "name");
            return (file with { Current = found.Name }, $"{found.Name}: {found.Hub}");
        });
    }

    private static Command Remove()
    {
        var name = Name();
        return Local("remove", "Forget a hub and its token.", [name], parsed =>
        {
            var file = ContextFile.Read();
            var found = file.Find(parsed.GetValue(name)!, "name");
            return (new ContextFile(
                file.Current == found.Name ? null : file.Current,
                [.. file.Contexts.Where(context => context != found)]), $"{found.Name} is forgotten");
        });
    }

    private static Command List() => Reader("list", "List the hubs that are known here; tokens are not shown.", [],
        (parsed, form) =>
        {
            var rows = ContextFile.Read().Contexts.Select(Row).ToList();
            return SheetWriter.Write(
                form, s_rows, JsonSerializer.SerializeToElement(new { items = rows }, ChangeVerb.Web), rows,
                "no hub is known; add one with 'lepton context add NAME --hub https://…'");
        });

    private static Command Show()
    {
        var name = new Argument<string?>("name")
            { Description = "Name of the context; the current one, unless given.", DefaultValueFactory = _ => null };
        name.CompletionSources.Add(_ => Completing.Contexts());
        return Reader("show", "Show one context; its token is not shown.", [name], (parsed, form) =>
        {
            var file = ContextFile.Read();
            var chosen = parsed.GetValue(name) ?? file.Current
                ?? throw new HubException("there is no current context: 'lepton context use NAME'", ExitCodes.NotFound);
            var row = Row(file.Find(chosen, "name"));
            return ShowVerb.Write(form, s_rows, row, row);
        });
    }

    private static JsonElement Row(HubContext context) => JsonSerializer.SerializeToElement(new
    {
        name = context.Name, current = context.Name == ContextFile.Read().Current, hub = context.Hub,
        // That there is one may be said; the token itself stays in the file.
        token = context.Token is not null ? "kept" : context.TokenFile is { } file ? file : "none",
        ca = context.Ca,
    });

    private static Argument<string> Name(bool complete = true)
    {
        var name = new Argument<string>("name") { Description = "Name of the context." };
        if (complete)
            name.CompletionSources.Add(_ => Completing.Contexts());
        return name;
    }

    private static string NameOf(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw HubException.Usage($"name: '{name}' must be 1 to 64 letters, digits, '-', '_' or '.'");

    private static string? FileOf(string option, string? path) => path is null ? null
        : File.Exists(path) ? Path.GetFullPath(path) : throw HubException.Usage($"{option}: there is no file {path}");

    private static Command Local(
        string verb, string description, Symbol[] symbols, Func<ParseResult, (ContextFile After, string Done)> change)
    {
        var command = new Command(verb, description);
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would change." };
        HubVerb.Add(command, [.. symbols, dry]);
        command.SetAction((parsed, _) => HubOptions.RunAsync(() =>
        {
            var (after, done) = change(parsed);
            if (!parsed.GetValue(dry))
                after.Write();
            Console.WriteLine(parsed.GetValue(dry) ? $"would write {ContextFile.Path}: {done}" : done);
            return Task.FromResult(ExitCodes.Ok);
        }));
        return command;
    }

    private static Command Reader(
        string verb, string description, Symbol[] symbols, Func<ParseResult, OutputForm, int> read)
    {
        var command = new Command(verb, description);
        HubVerb.Add(command, symbols);
        var options = new HubOptions();
        options.AddTo(command, withHub: false);
        command.SetAction((parsed, _) => HubOptions.RunAsync(() => Task.FromResult(read(parsed,
            options.Form(parsed)))));
        return command;
    }
}
