using Microsoft.Extensions.Logging;

namespace LeptonEdge.Serving.Models;

internal static partial class ModelRepositoryLog
{
    [LoggerMessage(1, LogLevel.Information, "Serving {Name}/{Version}: {MeanMs:0.00} ms mean, {P99Ms:0.00} ms p99")]
    public static partial void Loaded(ILogger logger, string name, string version, double meanMs, double p99Ms);

    [LoggerMessage(2, LogLevel.Error, "The model {Name}/{Version} is not served: {Reason}")]
    public static partial void Failed(ILogger logger, string name, string version, string reason);

    [LoggerMessage(3, LogLevel.Information,
        "{Name}/{Version} leaves the memory: it was asked for longest ago, and another model needs the place")]
    public static partial void MadeRoom(ILogger logger, string name, string version);

    [LoggerMessage(4, LogLevel.Information,
        "{Name}/{Version} leaves the memory: nobody uses it, and another model needs the {Bytes} bytes it takes")]
    public static partial void MadeMemory(ILogger logger, string name, string version, long bytes);

    [LoggerMessage(5, LogLevel.Warning, "{Name}/{Version} is loaded when it is asked for: {Reason}")]
    public static partial void NoRoom(ILogger logger, string name, string version, string reason);
}
