namespace LeptonEdge.Hub.Api;

/// <summary>One version of a model, and where it is.</summary>
/// <param name="Model">NAME/VERSION.</param>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Description">What it tells of what; empty where the hub has no bundle of it.</param>
/// <param name="Task"><c>classification</c> or <c>anomaly</c>; empty where the hub has no bundle of it.</param>
/// <param name="Licence">Its licence; empty where the hub has no bundle of it.</param>
/// <param name="Classes">What it tells apart.</param>
/// <param name="Bytes">Size of the file that the hub serves; 0 where it serves none.</param>
/// <param name="OnHub">The hub serves it now.</param>
/// <param name="Reason">Why the hub does not serve it; empty where it does or has none.</param>
/// <param name="MeanSeconds">Mean time of one run on the hub; null where the hub serves none.</param>
/// <param name="P99Seconds">99th percentile of that; null where the hub serves none.</param>
/// <param name="MemoryBytes">What it takes in the hub's memory; null where the hub serves none.</param>
/// <param name="Devices">How many devices run it in a workload.</param>
/// <param name="Deployed">Workloads that it runs in, at most 200.</param>
public sealed record ModelView(
    string Model, string Name, string Version, string Description, string Task, string Licence,
    IReadOnlyList<string> Classes, long Bytes, bool OnHub, string Reason, double? MeanSeconds, double? P99Seconds,
    long? MemoryBytes, int Devices, IReadOnlyList<DeployedModel> Deployed);

/// <summary>A workload that runs a model.</summary>
/// <param name="InferencesPerSecond">Inferences each second.</param>
/// <param name="LocalP99Seconds">99th percentile of the device's own answers.</param>
public sealed record DeployedModel(
    string Device, string Workload, string Site, double InferencesPerSecond, double LocalP99Seconds);
