namespace LeptonEdge.Core.Metrics;

/// <summary>How long work waits for a server that takes one piece at a time, in order of arrival.</summary>
/// <remarks>
/// For Poisson arrivals and exponential service the time in the queue exceeds t with probability ρ·exp(−(1−ρ)·t/S), S
/// the mean service time and ρ the utilisation, so that its 99th percentile is S·ln(100·ρ)/(1−ρ), or 0 for ρ ≤ 0.01
/// (Kleinrock, Queueing Systems I, 1975, section 3.2). Sensor windows arrive more regularly and models run more evenly
/// than that, so the figure errs on the safe side.
/// </remarks>
public static class QueueModel
{
    // At 1 the formula has a pole, and a measured utilisation may touch it.
    private const double UtilisationMax = 0.995;

    /// <summary>99th percentile of the time in the queue, seconds.</summary>
    /// <param name="serviceSeconds">Mean time of one piece of work.</param>
    /// <param name="utilisation">Share of time the server is busy, 0 to 1.</param>
    public static double WaitP99Seconds(double serviceSeconds, double utilisation)
    {
        var rho = Math.Clamp(double.IsFinite(utilisation) ? utilisation : 1, 0, UtilisationMax);
        return rho <= 0.01 ? 0 : Math.Max(0, serviceSeconds) * Math.Log(100 * rho) / (1 - rho);
    }
}
