namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>Parameters that mean the same in every operation.</summary>
internal static class ParameterTexts
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["device"] = "Name of a device: 1 to 63 of a-z, 0-9 and '-'.",
        ["workload"] = "Name of a workload of the device.",
        ["channel"] = "Name of a channel of the device, such as 'drive-end.rms'; where several may be given, each as DEVICE/CHANNEL.",
        ["rule"] = "Name of an alarm rule.",
        ["site"] = "Name of a site, as devices report it.",
        ["model"] = "NAME/VERSION of a model.",
        ["from"] = "Begin of the range, microseconds since 1970-01-01 UTC.",
        ["to"] = "End of the range, which is not part of it, microseconds since 1970-01-01 UTC.",
        ["points"] = "At most so many buckets: 1 to 5000, 600 where it is left out.",
        ["name"] = "Its name.",
        ["tenant"] = "Name of a tenant.",
        ["topics"] = "hub, devices, alarms, plan, jobs: any of them, with commas between.",
        ["subscription"] = "Of POST /api/v1/live/subscriptions; its channels and topics are added to those given here.",
        ["format"] = "csv (standard) or jsonl.",
        ["rows"] = "At most so many readings: 1 to 1,000,000, which is the standard.",
        ["id"] = "Its number.",
        ["block"] = "Number of the block, from 0 on.",
        ["version"] = "Version of a plan or model.",
        ["state"] = "Which of them: active or all.",
        ["by"] = "What to sum by: device, tenant, site, workload, model, node, or several with commas.",
        ["account"] = "Of this account instead of one's own, or * for all: for administrators.",
        ["name"] = "Name of an account.",
        ["role"] = "Only accounts of this role: viewer, operator or admin.",
        ["actor"] = "Only what this account did; a * at the end stands for any letters.",
        ["action"] = "Only this action, such as 'plan.pin'; 'plan.*' for all that begin so.",
        ["target"] = "Only what was done to this; a * at the end stands for any letters.",
        ["limit"] = "At most so many: 1 to 1000, 100 where it is left out.",
    };

    public static string? Of(string name) => Texts.GetValueOrDefault(name);
}
