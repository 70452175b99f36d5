namespace LeptonEdge.Placement.Planning;

/// <summary>Which devices there are, and who was heard when. Who was not heard for too long is down.</summary>
internal sealed class Attendance(PlannerRules rules, FleetBuilder builder)
{
    private readonly Dictionary<string, DeviceTrack> _devices = [];
    private readonly List<DeviceTrack> _marked = [];
    private long _startedMicros;

    public IReadOnlyDictionary<string, DeviceTrack> Devices => _devices;

    public long NowMicros { get; private set; }

    /// <summary>Devices went down or came back, or their reports are believed no more or again, since this was last
    /// read.</summary>
    public bool HasMarks => _marked.Count > 0;

    public bool TakeMarks()
    {
        var marked = HasMarks;
        _marked.Clear();
        return marked;
    }

    /// <returns>Null when the fleet is full.</returns>
    public DeviceTrack? FindOrAdd(string name, bool drained)
    {
        if (_devices.TryGetValue(name, out var device))
            return device;
        if (_devices.Count >= rules.DevicesMax)
            return null;
        device = new DeviceTrack(name) { Drained = drained };
        _devices.Add(name, device);
        return device;
    }

    public bool Remove(string name)
    {
        if (!_devices.Remove(name, out var device))
            return false;
        _marked.Remove(device);
        builder.Remove(device);
        return true;
    }

    public void Mark(DeviceTrack device)
    {
        if (!_marked.Contains(device))
            _marked.Add(device);
    }

    /// <returns>True when it had been down.</returns>
    public bool Hear(DeviceTrack device, long nowMicros)
    {
        device.SeenMicros = nowMicros;
        if (!device.Down)
            return false;
        device.Down = false;
        builder.Dirty(device);
        Mark(device);
        return true;
    }

    /// <summary>Moves time on.</summary>
    /// <returns>True when a device went down.</returns>
    public bool Advance(long nowMicros)
    {
        if (_startedMicros == 0)
            (_startedMicros, NowMicros) = (nowMicros, nowMicros);
        // While nobody ticked nobody could be heard either.
        var pause = nowMicros - NowMicros;
        if (pause > FleetPlanner.Micros(rules.SilentAfter))
        {
            foreach (var device in _devices.Values)
                device.SeenMicros = Math.Min(nowMicros, device.SeenMicros + pause);
        }

        NowMicros = Math.Max(NowMicros, nowMicros);
        return nowMicros - _startedMicros >= FleetPlanner.Micros(rules.StartGrace) && MissSilent(nowMicros);
    }

    private bool MissSilent(long nowMicros)
    {
        var silent = nowMicros - FleetPlanner.Micros(rules.SilentAfter);
        var missed = false;
        foreach (var device in _devices.Values)
        {
            if (device.Down || device.SeenMicros >= silent || device.Report is null)
                continue;
            device.Down = true;
            builder.Dirty(device);
            Mark(device);
            missed = true;
        }

        return missed;
    }
}
