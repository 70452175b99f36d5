namespace LeptonEdge.Hub.Planning;

/// <summary>The plan in force: one reference, replaced whole, so that readers never lock.</summary>
public sealed class PlanHolder
{
    private volatile PlanRecord _current = PlanRecord.Empty;

    /// <summary>A plan that differs from the one before came into force.</summary>
    public event Action<PlanRecord>? Changed;

    public PlanRecord Current => _current;

    /// <summary>Takes up the plan of an earlier run; nothing has changed by that.</summary>
    public void Restore(PlanRecord plan) => _current = plan;

    public void Replace(PlanRecord plan)
    {
        _current = plan;
        Changed?.Invoke(plan);
    }
}
