using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton audit …</c>: every change, by whom.</summary>
internal static class AuditCommand
{
    private const string Path = "api/v1/audit";

    private static readonly Sheet s_rows = new(
        Sheet.By("sequence"),
        Column.Text("nr", "sequence") with { Name = "sequence" },
        Column.Time("when", "timeMicros"),
        Column.Text("actor", "actor"),
        Column.Text("action", "action"),
        Column.Text("target", "target"),
        Column.Text("outcome", "outcome", outcome => outcome == "done" ? Tone.None : Tone.Warn),
        Column.Text("kind", "kind").Wide,
        Column.Text("address", "address").Wide,
        Column.Of("before", row => row.At("before").Text()).Wide,
        Column.Of("after", row => row.At("after").Text()).Wide,
        Column.Text("hash", "hash").Wide);

    private static readonly Sheet s_verdict = new(
        Sheet.By("lastHash"),
        Column.Flag("sound", "sound", "yes", "no"), Column.Text("entries", "entries"),
        Column.Text("last hash", "lastHash"), Column.Text("first broken", "firstBroken"),
        Column.Text("fault", "fault"));

    public static IEnumerable<Command> Verbs() => [List(), Verify()];

    private static Command List() => new ListVerb("List changes, newest first.", s_rows, Path)
    {
        Limit = 100,
        Filters =
        [
            Filter.Text("--actor", "actor", "By this account; * at the end stands for any letters."),
            Filter.Text("--action", "action", "Of this kind, such as plan.pin or plan.*."),
            Filter.Text("--target", "target", "To this; * at the end stands for any letters."),
            Filter.Time("--from", "from", "From when on"), Filter.Time("--to", "to", "Until when"),
        ],
        None = "nobody changed anything",
    }.Create();

    private static Command Verify()
    {
        var store = new Option<string?>("--store")
        {
            Description = "A store's file, hub.db in a hub's data folder or a copy of it, instead of asking the hub.",
        };
        var head = new Option<string?>("--head")
        {
            Description = "NUMBER:HASH of an entry that is known to be in it, from an earlier check; with --store.",
        };
        var hub = new HubOptions();
        var command = new Command(
            "verify",
            "Prove that no entry of the log was changed, removed or moved. Status: 0 it is whole; 7 it is not.")
            { store, head };
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            var (file, known) = (parsed.GetValue(store), Head(parsed.GetValue(head)));
            if (known is not null && file is null)
                throw HubException.Usage("--head: give the file with --store as well");
            if (file is not null)
                return Tell(hub.Form(parsed), OfFile(file, known));
            using var client = hub.Connect(parsed, TimeSpan.FromMinutes(5));
            return Tell(hub.Form(parsed), await client.GetAsync($"{Path}/verify", cancellation));
        }));
        return command;
    }

    private static JsonElement OfFile(string file, (long, string)? head)
    {
        if (!File.Exists(file))
            throw new HubException($"--store: there is no file {file}", ExitCodes.NotFound);
        try
        {
            var verdict = AuditChain.Verify(file, head);
            return JsonSerializer.SerializeToElement(
                new
                {
                    sound = verdict.IsSound, verdict.Entries, verdict.LastHash, verdict.FirstBroken, verdict.Fault,
                }, new JsonSerializerOptions(JsonSerializerDefaults.Web));
        }
        catch (HubStoreException fault)
        {
            throw new HubException($"--store: {file}: {fault.Message}");
        }
    }

    private static (long, string)? Head(string? text)
    {
        if (text is null)
            return null;
        return text.Split(':') is [var number, { Length: 64 } hash]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                ? (sequence, hash)
                : throw HubException.Usage($"--head: '{text}' must be NUMBER:HASH, the hash 64 hexadecimal digits");
    }

    private static int Tell(OutputForm form, JsonElement verdict)
    {
        if (form != OutputForm.Table)
            SheetWriter.Write(form, s_verdict, verdict, [verdict]);
        else if (verdict.IsTrue("sound"))
        {
            var (entries, hash) = (verdict.Text("entries"), verdict.Text("lastHash"));
            Console.WriteLine($"whole: {entries} entries; keep this elsewhere: {entries}:{hash}");
        }
        else
            Console.WriteLine($"BROKEN at entry {verdict.Text("firstBroken")}: {verdict.Text("fault")}");

        return verdict.IsTrue("sound") ? ExitCodes.Ok : ExitCodes.No;
    }
}
