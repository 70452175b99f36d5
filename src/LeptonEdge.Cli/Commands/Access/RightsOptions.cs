using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>What an account may do, as options say it.</summary>
internal sealed class RightsOptions
{
    public static readonly string[] Roles = ["viewer", "operator", "admin"];

    private readonly Option<string?> _role = new("--role") { Description = "viewer, operator or admin." };

    private readonly Option<string[]> _sites = new("--site")
        { Description = "A site that it sees; may be repeated. All, where none is given." };

    private readonly Option<string[]> _operatorSites = new("--operator-site")
        { Description = "A site where a viewer is an operator; may be repeated." };

    public RightsOptions()
    {
        _role.AcceptOnlyFromAmong(Roles);
    }

    public Option[] All => [_role, _sites, _operatorSites];

    /// <param name="now">The account as it is, which what is not given stays; undefined: there is none.</param>
    public (string Role, string[]? Sites, string[]? OperatorSites) Of(ParseResult parsed, JsonElement now) => (
        parsed.GetValue(_role) ?? now.Text("role"),
        Given(parsed, _sites) ?? Kept(now, "sites"),
        Given(parsed, _operatorSites) ?? Kept(now, "operatorSites"));

    /// <summary>Null where none is given.</summary>
    public static string[]? Given(ParseResult parsed, Option<string[]> option) =>
        parsed.GetValue(option) is { Length: > 0 } given ? given : null;

    private static string[]? Kept(JsonElement now, string field) =>
        now.Items(field).Select(JsonPath.Text).ToArray() is { Length: > 0 } kept ? kept : null;
}
