namespace LeptonEdge.Core.Signals;

/// <summary>A chain of transforms cannot work as stated. Carries every fault found, each naming its transform and
/// field.</summary>
public sealed class TransformException(IReadOnlyList<string> faults) : FormatException(string.Join("; ", faults))
{
    /// <summary>Such as <c>transforms[2].mean: has 100 values, but this transform's input has 513</c>.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
