namespace LeptonEdge.Serving;

/// <summary>What answering came to, for those who meter it.</summary>
/// <param name="Caller">As <see cref="ServingOptions.CallerOf"/> named it; empty for work that nobody waits for.</param>
/// <param name="Workload">As the request named it; empty for none.</param>
/// <param name="IsUpstream">An upstream server answered.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Busy">How long it kept a worker, its share of a run with others; upstream, from question to
/// answer.</param>
/// <param name="OnAccelerator">An accelerator was busy, not a core; also upstream, which does not say.</param>
/// <param name="Bytes">The tensors' elements: of the answer, and upstream of the question too.</param>
public readonly record struct ServedWork(
    string Caller, string Workload, string Model, string Version, bool IsUpstream, int Rows, TimeSpan Busy,
    bool OnAccelerator, long Bytes);
