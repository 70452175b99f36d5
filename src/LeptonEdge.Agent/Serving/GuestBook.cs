using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Serving;

/// <summary>Whose windows this device answers: the guests that the hub's plan gave it, and what it ran for them. Without
/// a hub the last list stays. Any thread.</summary>
/// <remarks>Knows nothing of the server: an agent that serves nobody never loads one.</remarks>
public sealed class GuestBook
{
    /// <summary>What is beyond it in a desired state is not served.</summary>
    public const int GuestsMax = 256;

    private volatile Dictionary<string, Dictionary<string, Entry>> _guests = [];
    private volatile PeerOffer? _offer;

    /// <summary>What other devices may ask of this one; null while they may not.</summary>
    public PeerOffer? Offer
    {
        get => _offer;
        set => _offer = value;
    }

    /// <summary>Puts another list in force; who stays keeps its count.</summary>
    public void Admit(IEnumerable<Guest> guests)
    {
        var before = _guests;
        var entries = new Dictionary<string, Dictionary<string, Entry>>(StringComparer.Ordinal);
        foreach (var guest in guests.Take(GuestsMax))
        {
            if (!entries.TryGetValue(guest.Device, out var workloads))
                entries[guest.Device] = workloads = new Dictionary<string, Entry>(StringComparer.Ordinal);
            workloads[guest.Workload] = Find(before, guest.Device, guest.Workload) is { } known
                && known.Model == guest.Model ? known : new Entry(guest.Model);
        }

        _guests = entries;
    }

    /// <summary>Whether anything of this device is served here.</summary>
    public bool Admits(string device) => _guests.ContainsKey(device);

    /// <summary>Counts what was run for a guest; what others asked for is not its concern.</summary>
    public void Count(string device, string workload, int rows) => Find(_guests, device, workload)?.Add(rows);

    public IEnumerable<ReportedGuest> Describe() => _guests.SelectMany(device => device.Value.Select(
        workload => new ReportedGuest
        {
            Device = device.Key, Workload = workload.Key, Model = workload.Value.Model,
            Inferences = (ulong)workload.Value.Rows,
        }));

    private static Entry? Find(
        Dictionary<string, Dictionary<string, Entry>> guests, string device, string workload) =>
        guests.TryGetValue(device, out var workloads) ? workloads.GetValueOrDefault(workload) : null;

    private sealed class Entry(string model)
    {
        private long _rows;

        public string Model { get; } = model;

        public long Rows => Interlocked.Read(ref _rows);

        public void Add(long rows) => Interlocked.Add(ref _rows, rows);
    }
}

/// <summary>What other devices of the site may ask of this one.</summary>
/// <param name="Address">Where.</param>
/// <param name="Models">NAME/VERSION of each bundle that can be run for them, as of now.</param>
public sealed record PeerOffer(Uri Address, Func<IEnumerable<string>> Models);
