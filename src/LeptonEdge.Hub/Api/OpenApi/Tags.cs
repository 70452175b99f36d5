namespace LeptonEdge.Hub.Api.OpenApi;

/// <summary>The chapters of the API.</summary>
internal static class Tags
{
    public const string Fleet = "fleet";
    public const string Devices = "devices";
    public const string Readings = "readings";
    public const string Alarms = "alarms";
    public const string Workloads = "workloads";
    public const string Plan = "plan";
    public const string Jobs = "jobs";
    public const string Usage = "usage";
    public const string Store = "store";
    public const string Live = "live";
    public const string Access = "access";
    public const string Audit = "audit";
    public const string Sites = "sites";
    public const string Models = "models";
    public const string Views = "views";
    public const string Administration = "administration";

    public static readonly IReadOnlyDictionary<string, string> Descriptions = new Dictionary<string, string>
    {
        [Fleet] = "The whole fleet at a glance.",
        [Devices] = "Devices: what they are, what they report, what they shall run.",
        [Readings] = "Channels and their readings: ranges, charts, newest values.",
        [Alarms] = "Alarms that devices raise.",
        [Workloads] = "Workloads: pipeline, model and deadline, and where each is computed.",
        [Plan] = "Where work runs, why, and what operators say to it.",
        [Jobs] = "Long work on the hub, beside what devices ask of it.",
        [Usage] = "What was used, and what it costs.",
        [Store] = "What is missing from the store, and what it could not read.",
        [Sites] = "Sites: sums over their devices, where they are, their floor plans.",
        [Models] = "Models: versions, what was measured of them, where they run.",
        [Views] = "Views of pages that each caller keeps for itself.",
        [Administration] = "Tenants, and what the hub was told by its configuration.",
        [Live] = "Values and events as they come.",
        [Access] = "Who may do what: signing in, accounts, personal access tokens.",
        [Audit] = "Every change that somebody asked for, in a log that shows when it was tampered with.",
    };
}
