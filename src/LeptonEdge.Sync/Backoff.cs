namespace LeptonEdge.Sync;

/// <summary>Pauses between tries: doubling, with half of each drawn by chance so that a fleet does not return as
/// one.</summary>
internal static class Backoff
{
    public static TimeSpan Delay(int failures, TimeSpan first, TimeSpan longest)
    {
        var full = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)));
        return TimeSpan.FromMilliseconds(full / 2 + Random.Shared.NextDouble() * full / 2);
    }
}
