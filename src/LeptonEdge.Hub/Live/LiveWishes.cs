using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.Readings;
using LeptonEdge.Hub.Planning;

namespace LeptonEdge.Hub.Live;

/// <summary>Reads what a stream shall follow.</summary>
internal static class LiveWishes
{
    /// <summary>Channels of which a stream is told each reading.</summary>
    public const int PointsMost = 20;

    private const int RowsMost = 1000;
    private const string All = "*";

    /// <param name="channels">How the request calls its channels.</param>
    public static FieldErrors Read(LiveSubscription asked, string channels, out LiveWish wish)
    {
        var errors = new FieldErrors().Add(ChannelNames.Read(channels, asked.Channels, out var names))
            .Add(ChannelNames.Read("points", asked.Points ?? [], out var points))
            .Add(Topics(asked.Topics, out var topics)).Add(Rows(asked.Rows ?? [], out var rows));
        wish = new LiveWish(names, points, rows, topics);
        return errors;
    }

    public static LiveWish With(this LiveWish wish, LiveWish other) => new(
        [.. wish.Channels, .. other.Channels], [.. wish.Points, .. other.Points], Union(wish.Rows, other.Rows),
        wish.Topics | other.Topics);

    /// <summary>Each channel once, and none that the caller does not see.</summary>
    public static LiveWish For(this LiveWish wish, FleetState fleet, Caller caller) => wish with
    {
        Channels = [.. wish.Channels.Distinct().Where(name => fleet.Sees(caller, name.Device))],
        Points = [.. wish.Points.Distinct().Where(name => fleet.Sees(caller, name.Device))],
    };

    public static string[] Split(string? texts) => (texts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static RowWish? Union(RowWish? a, RowWish? b) =>
        a is null ? b
        : b is null ? a
        : a.Only is null || b.Only is null ? new RowWish(null) : new RowWish(a.Only.Union(b.Only).ToHashSet());

    private static string? Topics(IReadOnlyList<string> names, out LiveTopic topics)
    {
        topics = LiveTopic.None;
        foreach (var name in names)
        {
            LiveTopic? topic = name switch
            {
                "hub" => LiveTopic.Hub, "devices" => LiveTopic.Devices, "alarms" => LiveTopic.Alarms,
                "plan" => LiveTopic.Plan, "jobs" => LiveTopic.Jobs, _ => null,
            };
            if (topic is null)
                return "topics: give hub, devices, alarms, plan or jobs, with commas between them";
            topics |= topic.Value;
        }

        return null;
    }

    private static string? Rows(IReadOnlyList<string> texts, out RowWish? rows)
    {
        rows = null;
        var only = new HashSet<DeviceId>();
        foreach (var text in texts.SelectMany(Split))
        {
            if (text == All)
            {
                rows = new RowWish(null);
                continue;
            }

            if (RequestRange.Device(text, out var device) is { } fault)
                return $"rows: {fault}, or * for all";
            only.Add(device);
            if (only.Count > RowsMost)
                return $"rows: at most {RowsMost} devices by name, or * for all";
        }

        if (only.Count > 0)
            rows ??= new RowWish(only);
        return null;
    }
}
