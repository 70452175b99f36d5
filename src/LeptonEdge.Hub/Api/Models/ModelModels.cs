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
/// <param name="Files">The variants of the bundle; empty where the hub has none.</param>
/// <param name="Splits">What its training measured, by the way in which recordings were split into those to train with and
/// those to test with; empty where the bundle says nothing of it.</param>
/// <param name="Speed">Seconds for one window, as measured where the bundle was made; null where it does not say.</param>
public sealed record ModelView(
    string Model, string Name, string Version, string Description, string Task, string Licence,
    IReadOnlyList<string> Classes, long Bytes, bool OnHub, string Reason, double? MeanSeconds, double? P99Seconds,
    long? MemoryBytes, int Devices, IReadOnlyList<DeployedModel> Deployed, IReadOnlyList<ModelFileView> Files,
    IReadOnlyList<ModelSplit> Splits, ModelFigure? Speed);

/// <summary>One variant of a model.</summary>
/// <param name="Variant"><c>fp32</c> or <c>int8</c>.</param>
/// <param name="Bytes">Size of its file.</param>
public sealed record ModelFileView(string Variant, long Bytes);

/// <summary>What was measured with one way to split recordings.</summary>
/// <param name="Name">Of the split, as the training calls it.</param>
/// <param name="Description">What was trained with and what tested with; may be empty.</param>
/// <param name="Windows">Test windows; null where the bundle does not say.</param>
/// <param name="Shipped">The model that is in the bundle was trained on this split.</param>
/// <param name="Figures">What was measured, such as <c>accuracy</c> or <c>f1</c>, by variant.</param>
public sealed record ModelSplit(
    string Name, string Description, double? Windows, bool Shipped, IReadOnlyList<ModelFigure> Figures);

/// <summary>A figure of a model, by variant; null where it was not measured.</summary>
/// <param name="Name">What it is of, such as <c>accuracy</c>; shares are 0 to 1.</param>
/// <param name="Fp32">Of the variant with floating point.</param>
/// <param name="Int8">Of the variant with integers.</param>
public sealed record ModelFigure(string Name, double? Fp32, double? Int8);

/// <summary>A workload that runs a model.</summary>
/// <param name="InferencesPerSecond">Inferences each second.</param>
/// <param name="LocalP99Seconds">99th percentile of the device's own answers.</param>
public sealed record DeployedModel(
    string Device, string Workload, string Site, double InferencesPerSecond, double LocalP99Seconds);
