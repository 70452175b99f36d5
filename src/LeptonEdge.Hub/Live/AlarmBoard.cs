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

    private readonly ConcurrentDictionary<DeviceId, int> _counts = [];
    private readonly Lock _gate = new();

    public IEnumerable<KeyValuePair<(DeviceId Device, string Rule), AlarmEvent>> Active => _active;

    public void Take(DeviceId device, AlarmEvent alarm)
    {
        lock (_gate)
        {
            var stands = _active.ContainsKey((device, alarm.Rule));
            if (alarm.Transition == AlarmTransition.Raised)
                _active[(device, alarm.Rule)] = alarm;
            else
                _active.TryRemove((device, alarm.Rule), out _);
            var change = _active.ContainsKey((device, alarm.Rule)) ? stands ? 0 : 1 : stands ? -1 : 0;
            _counts[device] = _counts.GetValueOrDefault(device) + change;
        }
    }

    public int CountOf(DeviceId device) => _counts.GetValueOrDefault(device);
}
