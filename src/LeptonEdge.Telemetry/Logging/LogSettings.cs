using Microsoft.Extensions.Logging;

namespace LeptonEdge.Telemetry.Logging;

/// <summary>How a log line looks.</summary>
public enum LogFormat
{
    /// <summary>For people at a terminal.</summary>
    Text,

    /// <summary>One JSON object on each line, for collectors.</summary>
    Json,

    /// <summary>For journald: the priority before the line, and no time, which the journal notes itself.</summary>
    Journal,
}

/// <summary>What is logged, and how.</summary>
public sealed record LogSettings
{
    /// <summary>Null: for the journal where the process writes to it, else text.</summary>
    public LogFormat? Format { get; init; }

    /// <summary>Of what has no level of its own.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>By category, such as <c>LeptonEdge.Sync</c>; the longest beginning counts.</summary>
    public IReadOnlyList<KeyValuePair<string, LogLevel>> Levels { get; init; } = [];

    /// <summary>Names of levels as configuration files write them.</summary>
    public static IReadOnlyDictionary<string, LogLevel> LevelNames { get; } = new Dictionary<string, LogLevel>
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["information"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["critical"] = LogLevel.Critical,
        ["none"] = LogLevel.None,
    };

    /// <summary>Names of formats as configuration files write them.</summary>
    public static IReadOnlyDictionary<string, LogFormat> FormatNames { get; } = new Dictionary<string, LogFormat>
    {
        ["text"] = LogFormat.Text,
        ["json"] = LogFormat.Json,
        ["journal"] = LogFormat.Journal,
    };
}
