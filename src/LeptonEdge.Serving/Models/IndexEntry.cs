namespace LeptonEdge.Serving.Models;

/// <summary>One version of one model in the folder.</summary>
/// <param name="Reason">Why it is not ready; empty where nothing is wrong.</param>
public sealed record IndexEntry(string Name, string Version, bool IsReady, string Reason)
{
    /// <summary>In the words of the model repository extension.</summary>
    public string State => IsReady ? "READY" : Reason.Length > 0 ? "UNAVAILABLE" : "";
}
