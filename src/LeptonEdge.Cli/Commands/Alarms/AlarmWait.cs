using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton alarm wait</c></summary>
internal static class AlarmWait
{
    public static Command Create()
    {
        var (device, rule) = (Filter.Device(), Filter.Text("--rule", "rule", "Of this rule alone.", "rule"));
        return WaitVerb.Create(
            "Wait for alarms: until one stands, all that stand are acknowledged, or none stands.",
            "raised, acknowledged (all of them), cleared (none stands)", "raised", "alarms",
            [device.Option, rule.Option],
            async (call, condition) =>
            {
                if (condition is not ("raised" or "acknowledged" or "cleared"))
                    throw HubException.Usage($"--for: '{condition}' is none of raised, acknowledged, cleared");
                var path = "api/v1/alarms" + Filter.QueryOf([device, rule], call.Parsed);
                var listed = await Paging.ReadAsync(call.Client, path, 1000, call.Cancellation);
                return Look([.. listed.Rows.Where(row => rule.Keeps(call.Parsed, row))], condition);
            });
    }

    private static WaitLook Look(List<JsonElement> alarms, string condition)
    {
        var met = condition switch
        {
            "raised" => alarms.Count > 0,
            "cleared" => alarms.Count == 0,
            _ => alarms.TrueForAll(alarm => alarm.IsTrue("acknowledged")),
        };
        var now = alarms.Count == 0 ? "no alarm stands" : string.Join("; ", alarms.Take(3).Select(alarm =>
            $"{alarm.Text("device")}: {alarm.Text("rule")}: {TextWidth.OneLine(alarm.Text("message"))}"));
        return new WaitLook(met ? Waiting.Met : Waiting.NotYet, now);
    }
}
