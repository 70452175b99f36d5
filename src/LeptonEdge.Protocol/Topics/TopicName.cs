using System.Diagnostics.CodeAnalysis;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Protocol.Topics;

/// <summary>What travels on a topic.</summary>
public enum TopicKind
{
    UpTelemetry,
    UpReported,
    UpLog,
    DownReceipt,
    DownDesired,
    DownCommand,
}

/// <summary>Reads and writes <c>lepton/{tenant}/{device}/{up|down}/{leaf}</c>.</summary>
public static class TopicName
{
    /// <summary>First level of every topic.</summary>
    public const string Root = "lepton";

    private const int LengthMax = 256;

    public static string Format(TenantId tenant, DeviceId device, TopicKind kind) =>
        $"{Root}/{tenant}/{device}/{Tail(kind)}";

    /// <summary>False when the topic is none of LeptonEdge's, or a name in it is not valid.</summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? topic, out TenantId tenant, out DeviceId device, out TopicKind kind)
    {
        tenant = default;
        device = default;
        kind = default;
        if (topic is null || topic.Length > LengthMax)
            return false;
        var levels = topic.Split('/');
        if (levels.Length != 5 || levels[0] != Root || !TryKind(levels[3], levels[4], out kind))
            return false;
        try
        {
            tenant = new TenantId(levels[1]);
            device = new DeviceId(levels[2]);
            return true;
        }
        catch (FormatException)
        {
            tenant = default;
            return false;
        }
    }

    private static string Tail(TopicKind kind) => kind switch
    {
        TopicKind.UpTelemetry => "up/telemetry",
        TopicKind.UpReported => "up/reported",
        TopicKind.UpLog => "up/log",
        TopicKind.DownReceipt => "down/receipt",
        TopicKind.DownDesired => "down/desired",
        TopicKind.DownCommand => "down/command",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such topic"),
    };

    private static bool TryKind(string direction, string leaf, out TopicKind kind)
    {
        (var known, kind) = (direction, leaf) switch
        {
            ("up", "telemetry") => (true, TopicKind.UpTelemetry),
            ("up", "reported") => (true, TopicKind.UpReported),
            ("up", "log") => (true, TopicKind.UpLog),
            ("down", "receipt") => (true, TopicKind.DownReceipt),
            ("down", "desired") => (true, TopicKind.DownDesired),
            ("down", "command") => (true, TopicKind.DownCommand),
            _ => (false, default(TopicKind)),
        };
        return known;
    }
}
