using LeptonEdge.Placement.Planning;

namespace LeptonEdge.Hub.Planning;

/// <summary>Names of the hub's nodes in every plan.</summary>
public static class NodeNames
{
    /// <summary>The hub's own workers; a device of that name is not planned with.</summary>
    public const string Hub = "hub";

    // No device's name can have a colon.
    private const string PoolMark = "pool:";

    public static string OfPool(string pool) => PoolMark + pool;

    /// <summary>The pool's name; null for a node that is none.</summary>
    public static string? PoolOf(string node) =>
        node.StartsWith(PoolMark, StringComparison.Ordinal) ? node[PoolMark.Length..] : null;

    /// <summary>Whether what is sent to the hub is answered there.</summary>
    public static bool IsOfHub(string node) => node == Hub || PoolOf(node) is not null;

    /// <summary>The node of the hub that answers what a workload's device sends; null where the plan sends the hub
    /// nothing. A workload that leaves is answered where it was until its new place is ready.</summary>
    public static string? AtHub(PlannedPlace place)
    {
        if (IsOfHub(place.Node))
            return place.Node;
        return place is { Preparing: true, Before: { } before } && (before.Far ?? before.Near) is var node
            && IsOfHub(node) ? node : null;
    }
}
