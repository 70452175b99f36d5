namespace LeptonEdge.Agent.Offload;

/// <summary>What the device may ask the hub beyond one call for each window: retries and hedges of all workloads
/// together are a small share of the calls, so that a hub in trouble is not asked twice as often because of
/// it.</summary>
/// <param name="share">Further calls for each first call, above 0, at most 1.</param>
/// <param name="savedMax">Further calls that may be saved up, at least 1.</param>
public sealed class CallBudget(double share, double savedMax)
{
    private readonly Lock _gate = new();
    private double _saved = 1;

    /// <summary>A first call was made.</summary>
    public void Earn()
    {
        lock (_gate)
            _saved = Math.Min(savedMax, _saved + share);
    }

    /// <summary>Takes one further call out of the budget.</summary>
    /// <returns>False when none is left.</returns>
    public bool TrySpend()
    {
        lock (_gate)
        {
            if (_saved < 1)
                return false;
            _saved--;
            return true;
        }
    }
}
