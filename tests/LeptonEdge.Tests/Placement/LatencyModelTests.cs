using LeptonEdge.Core.Metrics;
using LeptonEdge.Placement;

namespace LeptonEdge.Tests.Placement;

public sealed class LatencyModelTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.9)]
    public void The_queue_formula_agrees_with_a_simulated_queue(double rho)
    {
        // Lindley's recursion: the next wait is what is left of this wait and service when the next arrival comes.
        var random = new Random(42);
        const double Service = 0.001;
        var waits = new double[400_000];
        double wait = 0;
        for (var i = 0; i < waits.Length; i++)
        {
            waits[i] = wait;
            var service = -Service * Math.Log(1 - random.NextDouble());
            var gap = -Service / rho * Math.Log(1 - random.NextDouble());
            wait = Math.Max(0, wait + service - gap);
        }

        Array.Sort(waits);
        var measured = waits[(int)(waits.Length * 0.99)];
        Assert.InRange(QueueModel.WaitP99Seconds(Service, rho) / measured, 0.9, 1.1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.01)]
    public void An_idle_lane_has_no_queue(double rho) => Assert.Equal(0, QueueModel.WaitP99Seconds(0.001, rho));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(double.NaN)]
    public void A_lane_reported_as_full_gives_a_finite_but_long_wait(double rho) =>
        Assert.InRange(QueueModel.WaitP99Seconds(0.001, rho), 0.5, 10);
}
