using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Simulation;

/// <summary>The hub's process: the receiving side as it is, over a simulated store and broker.</summary>
internal sealed class SimHub
{
    private const int GroupMax = 32;
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(200);
    private static readonly ReceiverRules Rules = new();
    private readonly SimWorld _world;
    private readonly SimBroker _broker;
    private readonly List<SimArrival> _group = [];
    private Receiver<int> _receiver = new(Rules);
    private int _life;
    private bool _up;
    private bool _storing;

    public SimHub(SimWorld world, SimBroker broker, SimStore store)
    {
        (_world, _broker, Store) = (world, broker, store);
        broker.Hub = this;
        Start();
    }

    public SimStore Store { get; }

    public bool Connected { get; private set; }

    public long Crashes { get; private set; }

    public void LoseConnection()
    {
        if (!Connected)
            return;
        Connected = false;
        ConnectSoon();
    }

    public void Kill(TimeSpan downFor)
    {
        if (!_up)
            return;
        Crashes++;
        _world.Trace("hub", "killed");
        _life++;
        (_up, Connected, _storing) = (false, false, false);
        Store.CrashIn = -1;
        _world.After(downFor, Start);
    }

    /// <summary>A message of a device is here, perhaps for the second time, perhaps damaged.</summary>
    public void Arrive(int device, DeliveryTag tag, byte[] bytes)
    {
        if (!_up || !Connected || !_receiver.Admit(device, tag.Epoch, tag.Round, _world.Now))
        {
            SendReceipts();
            return;
        }

        string? unreadable = null;
        if (!SimBatch.TryOpen(bytes, out var batch) || batch.Sequence != tag.Sequence || batch.Epoch != tag.Epoch)
        {
            var (through, mark) = Store.Cursor(device, tag.Epoch);
            if (!_receiver.Condemn(device, tag, through))
            {
                _receiver.Stored(device, tag, new StoredThrough(through, mark, Ahead: true, null));
                SendReceipts();
                return;
            }

            unreadable = "does not open";
        }

        _group.Add(new SimArrival(device, tag, bytes, unreadable));
        if (_storing)
            return;
        _storing = true;
        var life = _life;
        _world.After(_world.Random.Delay(TimeSpan.FromMicroseconds(100), TimeSpan.FromMilliseconds(20)), () =>
        {
            if (life == _life)
                StoreGroup();
        });
    }

    private void Start()
    {
        _world.Trace("hub", "starts");
        _receiver = new Receiver<int>(Rules);
        _group.Clear();
        (_up, _storing) = (true, false);
        ConnectSoon();
    }

    private void ConnectSoon()
    {
        var life = _life;
        _world.After(Reconnect, () =>
        {
            if (life != _life || Connected)
                return;
            if (_broker.Up)
                Connected = true;
            else
                ConnectSoon();
        });
    }

    private void StoreGroup()
    {
        _storing = false;
        var count = Math.Min(GroupMax, _group.Count);
        var group = _group.GetRange(0, count);
        _group.RemoveRange(0, count);
        try
        {
            var outcomes = Store.Ingest(group);
            _receiver.StoreWorked();
            for (var i = 0; i < count; i++)
                _receiver.Stored(group[i].Device, group[i].Tag, outcomes[i]);
            if (_world.Tracing)
                _world.Trace("hub", $"stored {string.Join(' ', group.Zip(outcomes, Say))}");
        }
        catch (SimCrashException)
        {
            Kill(_world.Random.Delay(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(8)));
            return;
        }
        catch (IOException)
        {
            var hold = _receiver.Failed(_world.Now);
            foreach (var arrival in group)
                _receiver.Hold(arrival.Device, arrival.Tag.Epoch, arrival.Tag.Round, hold);
            _world.Trace("hub", "its store refused");
        }

        SendReceipts();
        if (_group.Count > 0)
            StoreGroup();
    }

    private void SendReceipts()
    {
        while (_up && Connected && _receiver.TryTake(out var receipt))
            _broker.Publish(receipt);
    }

    private static string Say(SimArrival arrival, StoredThrough outcome) => FormattableString.Invariant(
        $"d{arrival.Device}:{arrival.Tag.FirstSequence}-{arrival.Tag.Sequence}→{outcome.Through}{(outcome.Ahead ? "!" : "")}");
}
