using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli;

/// <summary>The hub could not be asked, or said no; the message is for the operator.</summary>
/// <param name="status">How the command ends: <see cref="ExitCodes"/>.</param>
internal sealed partial class HubException(string message, int status = ExitCodes.Failed) : Exception(message)
{
    /// <summary>Nobody answered: later may be another time.</summary>
    public bool IsAway => status == ExitCodes.Away;

    public int Status => status;

    /// <summary>An option or argument is wrong.</summary>
    public static HubException Usage(string message) => new(message, ExitCodes.Usage);

    /// <param name="text">The body: RFC 9457 problem details, whose texts are written for people, or anything.</param>
    public static HubException Of(string path, HttpStatusCode code, string? reason, string text)
    {
        var status = code switch
        {
            HttpStatusCode.NotFound => ExitCodes.NotFound,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.NotAllowed,
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge
                or HttpStatusCode.UnsupportedMediaType => ExitCodes.Usage,
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
                or HttpStatusCode.TooManyRequests => ExitCodes.Away,
            _ => ExitCodes.Failed,
        };
        if (code == HttpStatusCode.Unauthorized)
        {
            return new HubException(
                "the hub did not accept the token: give --token-file the hub's operator.token or a personal access "
                + "token, or sign in with 'lepton login'", status);
        }

        var said = Words(text) is { } words ? Lists().Replace(words, InCommands)
            : $"{path}: {(int)code} {reason}" + ((int)code / 100) switch
            {
                3 => ": is a LeptonEdge hub at this address?",
                5 => ": the hub's log says why",
                _ => "",
            };
        return new HubException(said, status);
    }

    /// <summary>What a problem says, for people; null where the text is none.</summary>
    public static string? Words(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var problem = document.RootElement;
            if (problem.At("errors") is { ValueKind: JsonValueKind.Object } errors && errors.EnumerateObject().Any())
            {
                return string.Join("; ", errors.EnumerateObject().Select(field =>
                    field.Name.Length > 0 ? $"{field.Name}: {Faults(field.Value)}" : Faults(field.Value)));
            }

            return problem.Text("detail") is { Length: > 0 } detail ? TextWidth.OneLine(detail)
                : problem.Text("title") is { Length: > 0 } title ? TextWidth.OneLine(title) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Where the API's own words send people to.
    private static string InCommands(Match list) => $"'lepton {list.Groups[1].Value[..^1]} list'";

    [GeneratedRegex(@"GET /api/v1/(devices|sites|alarms|models|accounts|jobs|tokens|sessions|views)\b(\?[\w=&]+)?")]
    private static partial Regex Lists();

    private static string Faults(JsonElement faults) => TextWidth.OneLine(faults.ValueKind == JsonValueKind.Array
        ? string.Join(", ", faults.EnumerateArray().Select(JsonPath.Text)) : faults.Text());
}
