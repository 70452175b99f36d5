using System.CommandLine;
using System.Globalization;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton usage</c>: what was used, and what it costs.</summary>
internal static class UsageCommand
{
    private static readonly string[] s_groupings = ["minute", "hour", "day", "tenant", "site", "device", "workload", "model", "node"];

    /// <summary>The noun does what its only verb does.</summary>
    public static void Fill(Command usage)
    {
        AddTo(usage);
        usage.Subcommands.Add(AddTo(new Command("show", usage.Description)));
    }

    private static Command AddTo(Command command)
    {
        var since = new Option<string>("--since")
        {
            Description = $"From when on: {TimeText.Form}.", DefaultValueFactory = _ => "24h",
        };
        var until = new Option<string?>("--until") { Description = "Until when; now, unless given." };
        var by = new Option<string>("--by")
        {
            Description = $"What to sum by: {string.Join(", ", s_groupings)}, or several with commas between.",
            DefaultValueFactory = _ => "device",
        };
        by.CompletionSources.Add(s_groupings);
        Filter[] filters =
        [
            Filter.Device(), Filter.Text("--workload", "workload", "Of this workload alone."),
            Filter.Text("--model", "model", "Of this model alone, all of its versions."),
        ];
        HubVerb.Add(command, [since, until, by, .. filters.Select(filter => filter.Option)]);
        return HubVerb.On(command, async call =>
        {
            var now = TimeProvider.System.GetUtcNow();
            var from = Time("--since", call.Parsed.GetValue(since)!, now);
            var to = call.Parsed.GetValue(until) is { } text ? Time("--until", text, now) : now;
            if (to <= from)
                throw HubException.Usage($"--until: {Show(to)} is not after --since, {Show(from)}");
            var query = Filter.QueryOf(
            [
                .. filters, new Filter(since, "from", _ => Micros(from)), new Filter(until, "to", _ => Micros(to)),
                new Filter(by, "by", parsed => Grouping(parsed.GetValue(by)!)),
            ], call.Parsed);
            var usage = await call.Client.GetAsync($"api/v1/usage{query}", call.Cancellation);
            return UsageSheet.Write(call.Form, usage);
        });
    }

    private static DateTimeOffset Time(string option, string text, DateTimeOffset now) =>
        TimeText.TryParse(text, now, out var time)
            ? time
            : throw HubException.Usage($"{option}: '{text}' is no time: write {TimeText.Form}");

    private static string Grouping(string text)
    {
        var unknown = Array.Find(
            text.Split(',', StringSplitOptions.TrimEntries), name => !s_groupings.Contains(name));
        return unknown is null
            ? text
            : throw HubException.Usage($"--by: '{unknown}' is none of {string.Join(", ", s_groupings)}");
    }

    private static string Micros(DateTimeOffset time) =>
        ((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    private static string Show(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
