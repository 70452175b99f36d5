using System.Text.Json.Nodes;

namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>What properties hold in the document's examples: by TYPE.PROPERTY where the type matters, else by the property's
/// name. A name that is not here has a value by its ending and type.</summary>
internal static class ExampleValues
{
    public const long Time = 1_767_225_600_000_000;

    private static readonly Dictionary<string, JsonNode> Values = new(StringComparer.Ordinal)
    {
        ["account"] = "ann", ["action"] = "plan.pin", ["AlarmBulk.action"] = "acknowledge", ["DeviceBulk.action"] = "tag",
        ["actor"] = "ann", ["acknowledgedBy"] = "ann", ["address"] = "192.0.2.7", ["agent"] = "Mozilla/5.0",
        ["agentVersion"] = "0.1.0", ["architecture"] = "arm64", ["assignee"] = "bob", ["author"] = "ann",
        ["before"] = "local", ["board"] = "raspberry-pi-5", ["broker"] = "embedded", ["by"] = "device",
        ["category"] = "LeptonEdge.Agent.Pipeline", ["cause"] = "threatened", ["channel"] = "drive-end.rms",
        ["channels"] = "press-1/drive-end.rms", ["chartChannel"] = "drive-end.rms", ["class"] = "telemetry",
        ["classes"] = "inner-race", ["code"] = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        ["condition"] = "score above 0.8 for 3 windows", ["currency"] = "EUR", ["current"] = "the password until now",
        ["datatype"] = "FP32", ["days"] = "mon", ["description"] = "Faults of bearings, from their vibration.",
        ["detail"] = "it was changed since", ["device"] = "press-1", ["devices"] = "press-1",
        ["distrust"] = "its load is -3", ["drain"] = "press-1", ["undrain"] = "press-2", ["drained"] = "press-1",
        ["energy"] = "measured", ["epoch"] = "5b2c91d07a3e46f8", ["executionProvider"] = "CPU",
        ["farModel"] = "bearing-fault-large", ["from"] = "local", ["BlackoutView.from"] = "06:00", ["to"] = "hub",
        ["BlackoutView.to"] = "07:30", ["fromNode"] = "press-1", ["toNode"] = "hub", ["fromRecipe"] = "whole",
        ["toRecipe"] = "whole", ["guests"] = "press-2", ["hash"] = "9f2c4e", ["lastHash"] = "9f2c4e",
        ["http"] = "127.0.0.1:8080", ["https"] = "0.0.0.0:8443", ["mqtt"] = "0.0.0.0:8883", ["hubModel"] = "bearing-fault",
        ["CommandAccepted.id"] = "4f9d3c1ab2e84d6f", ["LiveSubscribed.id"] = "5e3f1c2a9b8d7e6f40312a1b",
        ["idempotencyKey"] = "rescore-2026-01-01", ["kernel"] = "6.12.47", ["AuditItem.kind"] = "session",
        ["JobView.kind"] = "rescore", ["PriceRow.kind"] = "hub", ["SessionView.kind"] = "session", ["label"] = "normal",
        ["level"] = "warning", ["licence"] = "MIT", ["limit"] = "its memory is used up",
        ["message"] = "score 0.93 above 0.8", ["model"] = "bearing-fault/1.0.0", ["modelVersion"] = "1.0.0",
        ["ModelView.name"] = "bearing-fault", ["WorkloadView.model"] = "bearing-fault", ["ModelView.version"] = "1.0.0",
        ["name"] = "ann", ["node"] = "hub", ["UsageRow.node"] = "device", ["nodeBefore"] = "press-1",
        ["note"] = "Behind the second door.", ["of"] = "score", ["operatorSites"] = "hall-1", ["osName"] = "Debian 12",
        ["outcome"] = "done", ["page"] = "fleet", ["password"] = "correct horse battery",
        ["path"] = "/sign-in/once/0f1e2d3c4b5a69788796a5b4c3d2e1f0", ["peer"] = "press-2",
        ["peerAddress"] = "https://192.0.2.8:8444", ["peerModels"] = "bearing-fault/1.0.0", ["place"] = "local",
        ["plannedPlace"] = "hub", ["points"] = "press-1/drive-end.rms", ["processor"] = "Cortex-A76",
        ["reason"] = "moved to hub: press-1 cannot answer in time any more", ["recipe"] = "whole", ["recipeBefore"] = "whole",
        ["resolution"] = "minute", ["role"] = "operator", ["rows"] = "*", ["rule"] = "bearing-score", ["scopes"] = "read",
        ["serial"] = "3A7F09", ["severity"] = "warning", ["site"] = "hall-1", ["sites"] = "hall-1",
        ["source"] = "configuration", ["RescoreFindings.source"] = "readings", ["RescoreView.source"] = "any",
        ["ReportedChannelView.source"] = "iio:adxl345", ["AlarmView.state"] = "active", ["state"] = "done", ["status"] = "good",
        ["tag"] = "line-3", ["tags"] = "line-3", ["target"] = "press-1/bearing", ["task"] = "classification",
        ["tenant"] = "plant-7", ["text"] = "On my way.", ["title"] = "Hall 1", ["token"] = "lep_7Qm2ZtX4", ["topics"] = "hub",
        ["transition"] = "raised", ["unit"] = "g", ["upload"] = "all", ["upstreams"] = "gpu", ["version"] = "0.1.0",
        ["waitsFor"] = "its hold time", ["way"] = "hub", ["why"] = "press-1 is 97 % busy", ["workload"] = "bearing",
        ["exception"] = "System.IO.IOException: the line is busy", ["findings"] = "Its memory is nearly full.",
        ["faults"] = "press-1: its load is -3", ["csrf"] = "2f6d1e", ["unacknowledged"] = 1, ["active"] = 2, ["critical"] = 0,
        ["warning"] = 2, ["info"] = 0, ["total"] = 12, ["online"] = true, ["priority"] = 5, ["lines"] = 100, ["x"] = 0.25,
        ["y"] = 0.5, ["latitude"] = 52.5, ["longitude"] = 13.4, ["gap"] = 0.004, ["score"] = 0.93, ["threshold"] = 0.8,
        ["above"] = 0.8, ["clearBelow"] = 0.6, ["cpuLoad"] = 0.25, ["laneUtilisation"] = 0.4, ["utilisation"] = 0.9,
        ["costPerHour"] = 0.42, ["boundPerHour"] = 0.41, ["gainPerHour"] = 0.03, ["cost"] = 0.17, ["value"] = 0.93,
        ["temperatureCelsius"] = 48.5,
    };

    public static JsonNode? Of(string type, string property) =>
        (Values.GetValueOrDefault($"{type}.{property}") ?? Values.GetValueOrDefault(property))?.DeepClone();

    public static JsonNode Number(string property, bool whole) => property switch
    {
        _ when property.EndsWith("Micros", StringComparison.Ordinal) => Time,
        _ when property.EndsWith("Bytes", StringComparison.OrdinalIgnoreCase) => 1 << 20,
        _ when whole => 3,
        _ when property.EndsWith("Share", StringComparison.OrdinalIgnoreCase) => 0.25,
        _ when property.EndsWith("PerSecond", StringComparison.Ordinal) => 23.4,
        _ when property.EndsWith("Seconds", StringComparison.Ordinal) => 0.012,
        _ => 1.5,
    };
}
