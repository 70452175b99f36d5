using System.CommandLine;
using System.Globalization;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton usage</c>: what was used, and what it costs.</summary>
internal static class UsageCommand
{
    private static readonly string[] Groupings = ["tenant", "site", "device", "workload", "model", "node"];

    public static Command Create()
    {
        var hub = new HubOptions(withCsv: true);
        var since = new Option<string>("--since")
        {
            Description = $"From when on: {TimeText.Form}.", DefaultValueFactory = _ => "24h",
        };
        var until = new Option<string?>("--until") { Description = "Until when; now, unless given." };
        var by = new Option<string>("--by")
        {
            Description = $"What to sum by: {string.Join(", ", Groupings)}, or several with commas between.",
            DefaultValueFactory = _ => "device",
        };
        var device = new Option<string?>("--device") { Description = "This device alone." };
        var workload = new Option<string?>("--workload") { Description = "This workload alone." };
        var model = new Option<string?>("--model") { Description = "This model alone, all of its versions." };
        var command = new Command("usage", "Show what was used and what it costs, by device, workload or model.")
            { since, until, by, device, workload, model };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var from = Time("--since", parsed.GetValue(since)!, now);
            var to = parsed.GetValue(until) is { } text ? Time("--until", text, now) : now;
            if (to <= from)
                throw new HubException($"--until: {Show(to)} is not after --since, {Show(from)}");
            var query = Query(
                ("from", Micros(from)), ("to", Micros(to)), ("by", Grouping(parsed.GetValue(by)!)),
                ("device", parsed.GetValue(device)), ("workload", parsed.GetValue(workload)),
                ("model", parsed.GetValue(model)));
            using var client = hub.Connect(parsed);
            var usage = await client.GetAsync($"api/v1/usage?{query}", cancellation);
            return hub.Output(parsed) switch
            {
                "json" => Print.Json(usage),
                "csv" => UsageTable.WriteCsv(usage),
                _ => UsageTable.Write(usage),
            };
        }));
        return command;
    }

    private static DateTimeOffset Time(string option, string text, DateTimeOffset now) =>
        TimeText.TryParse(text, now, out var time)
            ? time
            : throw new HubException($"{option}: '{text}' is no time: write {TimeText.Form}");

    private static string Grouping(string text)
    {
        var unknown = Array.Find(
            text.Split(',', StringSplitOptions.TrimEntries), name => !Groupings.Contains(name));
        return unknown is null
            ? text
            : throw new HubException($"--by: '{unknown}' is none of {string.Join(", ", Groupings)}");
    }

    private static string Query(params (string Name, string? Value)[] parts) => string.Join("&", parts
        .Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));

    private static string Micros(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private static string Show(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
