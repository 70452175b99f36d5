using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>Where a workload is held, and by which recipe; null for any.</summary>
internal readonly record struct HeldPlace(string Node, string? Recipe)
{
    public static HeldPlace Of(RunsAt place) => new(place.Node, place.Recipe);
}

/// <summary>Which workloads the solver may not place freely, and where they are held.</summary>
internal sealed class PinKeeper
{
    private readonly PlanControls _controls;
    private readonly IReadOnlyDictionary<string, DeviceTrack> _devices;
    private readonly HubTrack _hub;
    private readonly Dictionary<(string, string), HeldPlace> _pins = [];

    public PinKeeper(PlanControls controls, IReadOnlyDictionary<string, DeviceTrack> devices, HubTrack hub)
    {
        (_controls, _devices, _hub) = (controls, devices, hub);
        foreach (var pin in controls.Pins)
            _pins[(pin.Device, pin.Workload)] = new HeldPlace(pin.Node, pin.Recipe);
    }

    /// <summary>Where it is held: by its own configuration, an operator, a place that failed it, or a move that is
    /// under way. Null when it is free.</summary>
    public HeldPlace? PinOf(WorkloadTrack track, long nowMicros)
    {
        var home = track.Device.Name;
        if (!track.Report.FollowsPlan)
            return Knows(track.Runs.Node) ? HeldPlace.Of(track.Runs) : new HeldPlace(home, null);
        // A pin is a wish for a node that is there; one to a node that is down waits until it is back.
        if (_pins.TryGetValue((home, track.Report.Name), out var pin) && IsUp(pin.Node))
            return pin;
        if (track.HeldAt is { } held && nowMicros < track.HeldUntilMicros && Takes(track, held.Node))
            return HeldPlace.Of(held);
        return (track.Device.Distrust is not null || !track.Active) && Takes(track, track.Placed.Node)
            ? HeldPlace.Of(track.Placed)
            : null;
    }

    private bool Knows(string node) => _devices.ContainsKey(node) || _hub.Find(node) is not null;

    private bool IsUp(string node) =>
        _devices.TryGetValue(node, out var device) ? !device.Down : _hub.Find(node) is { Down: false };

    /// <summary>Whether a node can be held on to: it answers, and the workload's device reaches it.</summary>
    private bool Takes(WorkloadTrack track, string node)
    {
        if (node != track.Device.Name && !track.Device.LinkUp && !track.Device.Down)
            return false;
        return IsUp(node) && !_controls.Drained.Contains(node);
    }
}
