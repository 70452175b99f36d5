using System.Collections.Frozen;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;

namespace LeptonEdge.Agent.Serving;

/// <summary>Whose windows this device answers: the guests that the hub's plan gave it, and what it ran for them. Without
/// a hub the last list stays. Any thread.</summary>
public sealed class GuestBook
{
    /// <summary>What is beyond it in a desired state is not served.</summary>
    public const int GuestsMax = 256;

    private volatile FrozenDictionary<(string Device, string Workload), Entry> _guests =
        FrozenDictionary<(string, string), Entry>.Empty;

    private volatile FrozenSet<string> _devices = FrozenSet<string>.Empty;

    /// <summary>Puts another list in force; who stays keeps its count.</summary>
    public void Admit(IEnumerable<Guest> guests)
    {
        var before = _guests;
        var entries = new Dictionary<(string, string), Entry>();
        foreach (var guest in guests.Take(GuestsMax))
        {
            var key = (guest.Device, guest.Workload);
            entries[key] = before.TryGetValue(key, out var known) && known.Model == guest.Model
                ? known
                : new Entry(guest.Model);
        }

        _devices = entries.Keys.Select(key => key.Item1).ToFrozenSet(StringComparer.Ordinal);
        _guests = entries.ToFrozenDictionary();
    }

    /// <summary>Whether anything of this device is served here.</summary>
    public bool Admits(string device) => _devices.Contains(device);

    /// <summary>Counts what was run for a guest; what others asked for is not its concern.</summary>
    public void Count(in ServedWork work)
    {
        if (_guests.TryGetValue((work.Caller, work.Workload), out var entry))
            entry.Add(work.Rows);
    }

    public IEnumerable<ReportedGuest> Describe() => _guests.Select(guest => new ReportedGuest
    {
        Device = guest.Key.Device, Workload = guest.Key.Workload, Model = guest.Value.Model,
        Inferences = (ulong)guest.Value.Rows,
    });

    private sealed class Entry(string model)
    {
        private long _rows;

        public string Model { get; } = model;

        public long Rows => Interlocked.Read(ref _rows);

        public void Add(long rows) => Interlocked.Add(ref _rows, rows);
    }
}
