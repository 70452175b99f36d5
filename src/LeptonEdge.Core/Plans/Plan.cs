using LeptonEdge.Core.Identity;

namespace LeptonEdge.Core.Plans;

/// <summary>Where one workload of one device runs, and why.</summary>
/// <param name="Reason">One sentence for the operator: the figures that decided it.</param>
/// <param name="SinceMicros">Hub time at which the workload got this place, microseconds since 1970-01-01 UTC.</param>
public sealed record WorkloadPlacement(
    DeviceId Device, WorkloadId Workload, Place Place, string Reason, long SinceMicros);

/// <summary>Where every workload of a fleet runs. Replaced whole, never changed in place.</summary>
/// <param name="Version">Rises by one with every plan that differs from the one before it.</param>
/// <param name="MadeMicros">Hub time, microseconds since 1970-01-01 UTC.</param>
public sealed record Plan(ulong Version, long MadeMicros, IReadOnlyList<WorkloadPlacement> Placements)
{
    public static Plan Empty { get; } = new(0, 0, []);

    public WorkloadPlacement? Find(DeviceId device, WorkloadId workload)
    {
        foreach (var placement in Placements)
        {
            if (placement.Device == device && placement.Workload == workload)
                return placement;
        }

        return null;
    }
}
