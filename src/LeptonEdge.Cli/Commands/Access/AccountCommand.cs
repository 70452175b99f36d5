using System.CommandLine;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton account …</c>: who may do what.</summary>
internal static class AccountCommand
{
    private const string Path = "api/v1/accounts";

    private static readonly Sheet s_rows = new(
        Sheet.By("name"),
        Column.Text("name", "name"),
        Column.Text("role", "role"),
        Column.Of("sites", row => row.Text("sites") is { Length: > 0 } sites ? sites : "all"),
        Column.Text("operator at", "operatorSites"),
        Column.Time("signed in", "lastSignInMicros"),
        Column.Time("locked until", "lockedUntilMicros"),
        Column.Number("sessions", "sessions", "0"),
        Column.Number("tokens", "tokens", "0"),
        Column.Time("created", "createdMicros").Wide);

    private static readonly Sheet s_caller = new(
        Sheet.By("name"),
        Column.Text("name", "name"), Column.Text("role", "role"), Column.Text("tenant", "tenant"),
        Column.Of("sites", row => row.Text("sites") is { Length: > 0 } sites ? sites : "all"),
        Column.Text("kind", "kind"), Column.Text("scopes", "scopes"), Column.Time("expires", "expiresMicros"));

    public static IEnumerable<Command> Verbs() =>
        [WhoAmI(), List(), Show(), Create(), Set(), Password(), Unlock(), Remove()];

    private static Argument<string> Name()
    {
        var name = new Argument<string>("name") { Description = "Name of the account." };
        name.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("name")));
        return name;
    }

    private static string PathOf(string? name) => $"{Path}/{HubVerb.Escape(name)}";

    private static Command WhoAmI() => ShowVerb.Create(
        "Show as whom the hub knows you, and what you may do.", [], s_caller, _ => "api/v1/session", "whoami");

    private static Command List() => new ListVerb("List accounts.", s_rows, Path)
    {
        Filters =
        [
            Filter.OneOf("--role", "role", "With this role alone.", null, RightsOptions.Roles),
            Filter.Sort("name", "role", "createdMicros", "lastSignInMicros"),
        ],
        None = "there is no account yet: the link in the hub's log makes the first",
    }.Create();

    private static Command Show()
    {
        var name = Name();
        return ShowVerb.Create("Show one account.", [name], s_rows, parsed => PathOf(parsed.GetValue(name)));
    }

    private static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the account." };
        var rights = new RightsOptions();
        return ChangeVerb.Create(
            "create", "Make an account; its password is asked for, or read from the standard input.",
            [name, .. rights.All], call =>
            {
                var account = call.Parsed.GetValue(name);
                var may = rights.Of(call.Parsed, default);
                if (may.Role.Length == 0)
                    throw HubException.Usage("--role: say what it may do: viewer, operator or admin");
                object Body(string password) =>
                    new { name = account, password, role = may.Role, sites = may.Sites,
                        operatorSites = may.OperatorSites };
                return Task.FromResult(new Change(HttpMethod.Post, Path, Body("(asked for)"))
                    { Secret = () => Body(NewPassword()) });
            }, answer => Say($"account {answer.Text("name")}, {answer.Text("role")}"));
    }

    private static Command Set()
    {
        var (name, rights) = (Name(), new RightsOptions());
        var all = new Option<bool>("--all-sites") { Description = "It sees every site from now on." };
        return ChangeVerb.Create(
            "set", "Set an account's role or sites; what is not given stays.", [name, .. rights.All, all], async call =>
            {
                var account = call.Parsed.GetValue(name);
                var (now, tag) = await call.Client.GetTaggedAsync(PathOf(account), call.Cancellation);
                var may = rights.Of(call.Parsed, now);
                return new Change(HttpMethod.Put, PathOf(account), new
                {
                    role = may.Role, sites = call.Parsed.GetValue(all) ? null : may.Sites,
                    operatorSites = may.OperatorSites,
                }) { IfMatch = tag };
            }, answer => Say($"account {answer.Text("name")}, {answer.Text("role")}"));
    }

    private static Command Password()
    {
        var name = Name();
        return ChangeVerb.Create(
            "password", "Set another password for an account; its sessions end. It is asked for, or read from the "
            + "standard input.", [name], call => Task.FromResult(new Change(
                HttpMethod.Put, $"{PathOf(call.Parsed.GetValue(name))}/password", new { password = "(asked for)" },
                "the password is set") { Secret = () => new { password = NewPassword() } }));
    }

    private static Command Unlock()
    {
        var name = Name();
        return ChangeVerb.Create(
            "unlock", "End a lock that wrong passwords brought about.", [name], call => Task.FromResult(new Change(
                HttpMethod.Post, $"{PathOf(call.Parsed.GetValue(name))}/unlock", new { })),
            answer => Say($"account {answer.Text("name")} may sign in"));
    }

    private static Command Remove()
    {
        var name = Name();
        return ChangeVerb.Create(
            "remove", "Remove an account with its sessions and tokens.", [name], call => Task.FromResult(new Change(
                HttpMethod.Delete, PathOf(call.Parsed.GetValue(name)), Done: "the account is gone")));
    }

    private static string NewPassword()
    {
        var password = Prompt.Secret("password: ");
        if (!Console.IsInputRedirected && Prompt.Secret("again: ") != password)
            throw HubException.Usage("password: the two are not the same");
        return password;
    }

    private static int Say(string text)
    {
        Console.WriteLine(text);
        return ExitCodes.Ok;
    }
}
