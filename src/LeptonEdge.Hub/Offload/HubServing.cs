using System.IO.Enumeration;
using LeptonEdge.Sync;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Hub.Metrics;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Serving;

namespace LeptonEdge.Hub.Offload;

/// <summary>How the hub serves models: each device has a fair share, and only the operator changes what is
/// served.</summary>
internal static class HubServing
{
    private const string Unknown = "(unknown)";

    public static ServingOptions ToServing(
        this HubOptions options, HubMeters meters, HubUsageMeter usage, CallBoard calls,
        PlannedAnswerers answerers) => new()
    {
        ServerName = "leptonedge-hub",
        ServerVersion = HubVersion.Text,
        ModelsFolder = options.ModelsFolder,
        Workers = options.Workers,
        QueueMax = options.QueueMax,
        MemoryBytesMax = options.Memory.BytesMax,
        MemoryShareMax = options.Memory.ShareMax,
        Pinned = model => options.Memory.Pinned.Any(
            pattern => FileSystemName.MatchesSimpleExpression(pattern, model, ignoreCase: false)),
        Upstreams = options.Upstreams,
        PlanFor = answerers.Find,
        CallerOf = static context => context.Features.Get<FleetIdentity>() switch
        {
            null => context.FindCaller()?.Share ?? Unknown,
            { Role: FleetRole.Device } device => device.Name,
            var other => $"({other.Name})",
        },
        Changes = static (context, action, model, work) => context.AuditAsync(
            action,
            async () =>
            {
                context.Asks();
                await work().ConfigureAwait(false);
                return true;
            },
            model),
        MaySeeCounts = static context => context.FindCaller() is null or { Sites: null },
        MayChange = static context => context.FindCaller() is { Role: >= Role.Operator, Sites: null },
        Count = meters.CountInference,
        Meter = usage.Count,
        CallBegins = calls.Begin,
        CallEnds = calls.End,
    };

    /// <summary>How the process that runs jobs loads models: as the hub does, one at a time.</summary>
    /// <param name="modelsFolder">Empty: none.</param>
    public static ServingOptions ForJobs(string modelsFolder, Action<ServedWork> meter) => new()
    {
        ServerName = "leptonedge-jobs",
        ServerVersion = HubVersion.Text,
        ModelsFolder = modelsFolder.Length > 0 ? modelsFolder : null,
        ModelsMax = 1,
        Preload = static _ => false,
        Meter = meter,
    };
}
