using LeptonEdge.Core.Alarms;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>Judges what is to become of a rule, by the limits that devices have too.</summary>
internal static class RuleChecks
{
    private const double Largest = 1e30;
    private const int CountMax = 10_000;

    /// <param name="before">What is left out stays as it is here.</param>
    public static FieldErrors Merge(RuleChange change, DesiredRule before, out DesiredRule wanted)
    {
        var errors = new FieldErrors();
        wanted = before.Clone();
        if (change == new RuleChange())
            errors.Add("raiseAt", "nothing is to change: give raiseAt, clearBelow, raiseAfter, clearAfter or severity");
        wanted.RaiseAt = change.RaiseAt ?? before.RaiseAt;
        wanted.ClearBelow = change.ClearBelow ?? before.ClearBelow;
        errors.Add(Number("raiseAt", wanted.RaiseAt)).Add(Number("clearBelow", wanted.ClearBelow));
        if (wanted.ClearBelow > wanted.RaiseAt)
            errors.Add("clearBelow", FormattableString.Invariant(
                $"{wanted.ClearBelow} is above raiseAt ({wanted.RaiseAt}): give at most that, or a higher raiseAt too"));
        errors.Add(Count("raiseAfter", change.RaiseAfter)).Add(Count("clearAfter", change.ClearAfter));
        if (errors.Any)
            return errors;
        wanted.RaiseAfter = (uint?)change.RaiseAfter ?? before.RaiseAfter;
        wanted.ClearAfter = (uint?)change.ClearAfter ?? before.ClearAfter;
        if (change.Severity is not { } severity)
            return errors;
        var at = Array.FindIndex(AlarmViews.Severities, known => known.Name == severity);
        if (at < 0)
            return errors.Add("severity", "give info, warning or critical");
        wanted.Severity = (SeverityCode)AlarmViews.Severities[at].Code;
        return errors;
    }

    private static string? Number(string field, double value) => Math.Abs(value) <= Largest
        ? null : FormattableString.Invariant($"{field}: give a number within ±{Largest}");

    private static string? Count(string field, int? count) =>
        count is null or (>= 1 and <= CountMax) ? null : $"{field}: {count} is not within 1 to {CountMax}";
}
