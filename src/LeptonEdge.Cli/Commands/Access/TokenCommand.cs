using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton token …</c>: personal access tokens.</summary>
internal static class TokenCommand
{
    private const string Path = "api/v1/tokens";

    private static readonly Sheet s_rows = new(
        Sheet.By("id"),
        Column.Text("token", "id") with { Name = "id" },
        Column.Text("account", "account"),
        Column.Text("name", "name"),
        Column.Text("role", "role"),
        Column.Text("scopes", "scopes"),
        Column.Of("sites", row => row.Text("sites") is { Length: > 0 } sites ? sites : "all"),
        Column.Time("expires", "expiresMicros"),
        Column.Time("used", "usedMicros"),
        Column.Time("created", "createdMicros").Wide);

    public static IEnumerable<Command> Verbs() => [List(), Create(), Revoke()];

    private static Command List() => new ListVerb("List tokens, newest first; their text is nowhere.", s_rows, Path)
    {
        Filters = [Filter.Text("--account", "account", "Of this account; * for all. Your own, unless given.")],
        None = "there is no token; 'lepton login' makes one",
    }.Create();

    private static Command Create()
    {
        var name = new Argument<string>("name") { Description = "What the token is for." };
        var account = new Option<string?>("--account") { Description = "For whom; yourself, unless given." };
        var role = new Option<string?>("--role") { Description = "At most viewer, operator or admin." };
        role.CompletionSources.Add("viewer", "operator", "admin");
        var scopes = new Option<string[]>("--scope")
        {
            Description = "read, change, infer or metrics; may be repeated.",
            DefaultValueFactory = _ => ["read"], AllowMultipleArgumentsPerToken = true,
        };
        scopes.CompletionSources.Add("read", "change", "infer", "metrics");
        var sites = new Option<string[]>("--site")
            { Description = "A site that it sees; may be repeated." };
        var days = new Option<int>("--days")
            { Description = "How long it is good for, 1 to 366.", DefaultValueFactory = _ => 90 };
        return ChangeVerb.Create(
            "create", "Make a token. It is printed once, alone on the standard output, and never again.",
            [name, account, role, scopes, sites, days], call => Task.FromResult(new Change(HttpMethod.Post, Path, new
            {
                name = call.Parsed.GetValue(name), account = call.Parsed.GetValue(account),
                role = call.Parsed.GetValue(role), scopes = call.Parsed.GetValue(scopes),
                sites = RightsOptions.Given(call.Parsed, sites), days = call.Parsed.GetValue(days),
            })), answer =>
            {
                Console.Error.WriteLine(
                    $"token {answer.Text("id")} of {answer.Text("account")} ({answer.Text("role")}), "
                    + $"until {TimeWords.Iso(answer.Long("expiresMicros") ?? 0)}:");
                Console.WriteLine(answer.Text("token"));
                return ExitCodes.Ok;
            });
    }

    private static Command Revoke()
    {
        var id = new Argument<long>("id") { Description = "Number of the token." };
        id.CompletionSources.Add(context => Completing.Names(context, Path, row => row.Text("id")));
        return ChangeVerb.Create("revoke", "Revoke a token, at once.", [id], call => Task.FromResult(new Change(
            HttpMethod.Delete, $"{Path}/{call.Parsed.GetValue(id)}", Done: "the token is revoked")));
    }
}
