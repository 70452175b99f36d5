using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>How devices are shown.</summary>
internal static class DeviceSheet
{
    public static readonly Sheet Rows = new(
        Sheet.By("device"),
        Column.Text("device", "device"),
        Column.Of("status", Status),
        Column.Text("site", "site"),
        Column.Text("board", "board"),
        Column.Share("cpu", "cpuLoad").Passing,
        Column.Share("lane", "laneUtilisation").Passing,
        Column.Bytes("memory", "memoryUsedBytes").Passing,
        Column.Number("workloads", "workloads", "0"),
        Column.Of("alarms", row => row.Number("activeAlarms") is { } count
            ? new Cell($"{count:0}", Tone: count > 0 ? Tone.Bad : Tone.None) : default) with { IsRight = true },
        Column.Number("backlog", "backlog.records", "0").Passing with { Name = "backlog_records" },
        Column.Time("seen", "lastSeenMicros").Passing,
        Column.Text("tags", "tags").Wide,
        Column.Text("note", "note").Wide,
        Column.Text("version", "agentVersion").Wide,
        Column.Number("channels", "channels", "0").Wide,
        Column.Bytes("memory of", "memoryBytes").Wide,
        Column.Bytes("agent", "residentBytes").Wide.Passing,
        Column.Seconds("hub rtt", "hubRttSeconds").Wide.Passing,
        Column.Bytes("backlog bytes", "backlog.bytes").Wide.Passing with { Name = "backlog_bytes" },
        Column.Number("shed", "backlog.shedRecords", "0").Wide,
        Column.Time("started", "startedMicros").Wide);

    /// <summary>In one word or two.</summary>
    public static Cell Status(JsonElement row) =>
        (row.IsTrue("online"), row.Text("distrust").Length > 0, row.IsTrue("drained")) switch
        {
            (false, _, _) => new Cell("offline", Tone: Tone.Bad),
            (_, true, _) => new Cell("online, not believed", Tone: Tone.Warn),
            (_, _, true) => new Cell("online, drained", Tone: Tone.Warn),
            _ => new Cell("online", Tone: Tone.Good),
        };
}
