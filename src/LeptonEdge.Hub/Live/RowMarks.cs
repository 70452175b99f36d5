using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Live;

/// <summary>Whose rows a stream shall tell: of some devices, or of all that its caller sees.</summary>
/// <param name="Only">Null: all.</param>
internal sealed record RowWish(IReadOnlySet<DeviceId>? Only)
{
    public bool Has(DeviceId device) => Only is null || Only.Contains(device);
}

/// <summary>Devices whose rows a stream has yet to tell. One that is marked keeps its place until it is told, so that each
/// has its turn however many change. Not for several threads.</summary>
internal sealed class RowMarks
{
    private readonly Queue<DeviceId> _urgent = [];
    private readonly Queue<DeviceId> _others = [];
    private readonly Dictionary<DeviceId, bool> _marked = [];

    public bool Any => _marked.Count > 0;

    /// <param name="urgent">People act upon what changed: it goes before what merely moves.</param>
    public void Mark(DeviceId device, bool urgent)
    {
        var known = _marked.TryGetValue(device, out var wasUrgent);
        if (known && (wasUrgent || !urgent))
            return;
        _marked[device] = urgent;
        (urgent ? _urgent : _others).Enqueue(device);
    }

    public List<DeviceId> Take(int most)
    {
        var taken = new List<DeviceId>();
        while (taken.Count < most && (_urgent.TryDequeue(out var device) || _others.TryDequeue(out device)))
        {
            // One that became urgent is in both; it is told with the first.
            if (_marked.Remove(device))
                taken.Add(device);
        }

        return taken;
    }
}
