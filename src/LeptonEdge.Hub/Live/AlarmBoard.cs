using System.Collections.Concurrent;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Hub.Live;

/// <summary>The alarms that are raised now. Any thread.</summary>
/// <remarks>Batches of one device come in their order, so the last word on a rule is the newest one.</remarks>
public sealed class AlarmBoard
{
    private readonly ConcurrentDictionary<(DeviceId Device, string Rule), AlarmEvent> _active = [];

    public IEnumerable<KeyValuePair<(DeviceId Device, string Rule), AlarmEvent>> Active => _active;

    public void Take(DeviceId device, AlarmEvent alarm)
    {
        if (alarm.Transition == AlarmTransition.Raised)
            _active[(device, alarm.Rule)] = alarm;
        else
            _active.TryRemove((device, alarm.Rule), out _);
    }

    public int CountOf(DeviceId device)
    {
        var count = 0;
        foreach (var ((owner, _), _) in _active)
            count += owner == device ? 1 : 0;
        return count;
    }
}
