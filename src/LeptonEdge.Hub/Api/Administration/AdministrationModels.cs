namespace LeptonEdge.Hub.Api;

/// <summary>A tenant: one fleet, which a hub serves.</summary>
/// <param name="Tenant">Its name.</param>
/// <param name="Devices">Devices that the caller sees.</param>
/// <param name="Sites">Sites that the caller sees.</param>
public sealed record TenantView(string Tenant, int Devices, int Sites);

/// <summary>What the hub was told by its configuration, and what it limits. Only the file hub.yaml changes it.</summary>
/// <param name="Version">Version of the hub.</param>
/// <param name="Workers">Inferences that run side by side.</param>
/// <param name="QueueMax">Inferences that may wait for a worker.</param>
/// <param name="Broker">The external broker, HOST:PORT; null: it is embedded.</param>
/// <param name="Https">Where API and page are, encrypted.</param>
/// <param name="Mqtt">Where the embedded broker is; null with an external one.</param>
/// <param name="Http">Where a browser on this machine finds API and page; null where nowhere.</param>
/// <param name="Upstreams">Names of the upstream pools.</param>
/// <param name="PlanEverySeconds">Time between two rounds of the planner.</param>
/// <param name="MeterEverySeconds">How often the hub keeps what it metered.</param>
/// <param name="DevicesMax">Devices that the hub takes.</param>
/// <param name="LiveClientsMax">Live streams that it serves at once.</param>
public sealed record SettingsView(
    string Tenant, string Version, int Workers, int QueueMax, string? Broker, string Https, string? Mqtt, string? Http,
    IReadOnlyList<string> Upstreams, double PlanEverySeconds, double MeterEverySeconds, int DevicesMax,
    int LiveClientsMax);
