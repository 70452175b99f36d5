namespace LeptonEdge.Core.Alarms;

/// <summary>Raises when a value stays at or above a limit, clears when it stays below a lower one.</summary>
/// <remarks>Two limits and two counts, so that a value that dances on the limit does not flood the operator.</remarks>
public sealed record AlarmRule
{
    /// <summary>Unique on the device.</summary>
    public required string Name { get; init; }

    public AlarmSeverity Severity { get; init; } = AlarmSeverity.Warning;

    /// <summary>Values at or above this count towards raising, in the value's unit.</summary>
    public required double RaiseAt { get; init; }

    /// <summary>Values below this count towards clearing; at most <see cref="RaiseAt"/>.</summary>
    public required double ClearBelow { get; init; }

    /// <summary>Consecutive values needed to raise, 1 to 10,000.</summary>
    public int RaiseAfter { get; init; } = 1;

    /// <summary>Consecutive values needed to clear, 1 to 10,000.</summary>
    public int ClearAfter { get; init; } = 1;

    /// <summary>Every fault of the rule, as sentences that name the field; empty when the rule is sound.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Name))
            yield return "name: is empty; give each alarm rule a name of its own";
        if (!double.IsFinite(RaiseAt))
            yield return $"raise_at: {RaiseAt} is not a finite number";
        if (!double.IsFinite(ClearBelow) || ClearBelow > RaiseAt)
            yield return $"clear_below: {ClearBelow} must be a finite number at or below raise_at ({RaiseAt})";
        if (RaiseAfter is < 1 or > 10_000)
            yield return $"raise_after: {RaiseAfter} is not within 1 to 10000";
        if (ClearAfter is < 1 or > 10_000)
            yield return $"clear_after: {ClearAfter} is not within 1 to 10000";
    }
}

/// <summary>Where one rule stands: a value, so that deciding stays a pure function.</summary>
/// <param name="Active">The alarm is raised.</param>
/// <param name="Streak">Consecutive values that argue for the other state.</param>
public readonly record struct AlarmStatus(bool Active, int Streak)
{
    /// <summary>Takes one value in and says what becomes of the alarm.</summary>
    /// <param name="value">In the rule's unit. NaN argues for neither state: it leaves the status as it is.</param>
    /// <param name="transition">Set when the alarm was raised or cleared by this value.</param>
    public AlarmStatus Next(AlarmRule rule, double value, out AlarmTransition? transition)
    {
        transition = null;
        if (double.IsNaN(value))
            return this;
        var argues = Active ? value < rule.ClearBelow : value >= rule.RaiseAt;
        if (!argues)
            return this with { Streak = 0 };
        var streak = Streak + 1;
        if (streak < (Active ? rule.ClearAfter : rule.RaiseAfter))
            return this with { Streak = streak };
        transition = Active ? AlarmTransition.Cleared : AlarmTransition.Raised;
        return new AlarmStatus(!Active, 0);
    }
}
