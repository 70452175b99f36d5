using System.CommandLine;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton gap …</c>: what is missing for good, and what could not be read.</summary>
internal static class GapCommand
{
    private static readonly Sheet s_gaps = new(
        Sheet.By("device", "class", "firstSequence", "timeMicros"),
        Column.Text("device", "device"),
        Column.Text("class", "class"),
        Column.Text("from", "firstSequence"),
        Column.Text("to", "lastSequence"),
        Column.Number("records", "records", "0"),
        Column.Time("when", "timeMicros"),
        Column.Text("reason", "reason"));

    private static readonly Sheet s_quarantine = new(
        Sheet.By("id"),
        Column.Text("id", "id"),
        Column.Text("device", "device"),
        Column.Text("epoch", "epoch"),
        Column.Text("from", "firstSequence"),
        Column.Text("to", "sequence"),
        Column.Bytes("size", "sealedBytes"),
        Column.Flag("kept", "kept", "yes", "no"),
        Column.Time("received", "receivedMicros"),
        Column.Text("reason", "reason"));

    public static IEnumerable<Command> Verbs() =>
    [
        new ListVerb("List records that will never come, and why.", s_gaps, "api/v1/gaps")
            { Limit = 100, Filters = [Filter.Device()], None = "nothing is missing" }.Create(),
        new ListVerb("List batches that the hub could not read, newest first.", s_quarantine, "api/v1/quarantine")
        {
            Name = "quarantine", Limit = 100, Filters = [Filter.Device()], None = "every batch could be read",
        }.Create(),
    ];
}
