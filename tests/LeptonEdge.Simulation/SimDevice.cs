using System.Buffers;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Simulation;

/// <summary>An agent's process: the outbox's logic and the sending side as they are, over a simulated disk, connection
/// and clock.</summary>
internal sealed class SimDevice
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DiskPause = TimeSpan.FromMilliseconds(500);
    private readonly SimWorld _world;
    private readonly SimPlan _plan;
    private readonly SimBroker _broker;
    private readonly PlantedBugs _bugs;
    private readonly OutboxOptions _options;
    private readonly string _name;
    private OutboxLine? _outbox;
    private UplinkPump? _pump;
    private int _life;
    private int _connection;
    private bool _connected;
    private bool _reachable = true;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
    private TimeSpan _diskBusyUntil;
    private ulong _epochs;
    private ulong _epochSeen;
    private object? _image;

    public SimDevice(SimWorld world, SimPlan plan, SimBroker broker, int number, PlantedBugs bugs)
    {
        (_world, _plan, _broker, _bugs, Number) = (world, plan, broker, bugs, number);
        _name = $"device {number}";
        Table = new SimTable(world, _name) { Limit = plan.Limit };
        _options = new OutboxOptions
        {
            Path = _name,
            BytesMax = 64 * 1024,
            BatchBytesMax = 64 * 1024,
            SealGap = (epoch, first, sequence, _, target) =>
                new SimBatch(number, 0, epoch, first, sequence, Gap: true).Write(target, 0),
        };
        broker.Join(this);
        Start();
    }

    public int Number { get; }

    public SimTable Table { get; private set; }

    public long Shed => _outbox?.Backlog.ShedRecords ?? 0;

    /// <summary>What this device must not lose.</summary>
    public SimLedger Ledger { get; } = new();

    public SimClock Clock { get; } = new();

    public long Crashes { get; private set; }

    public long Resent { get; private set; }

    public bool Up => _pump is not null;

    public ulong Epoch => _outbox?.Position.Epoch ?? 0;

    /// <summary>Everything appended is receipted.</summary>
    public bool Drained => _outbox is { } outbox && outbox.Position.ReceiptedThrough == outbox.Position.LastSequence;

    /// <summary>One batch of a random class and size is appended.</summary>
    public void Append()
    {
        if (_outbox is null || _world.Now < _diskBusyUntil)
            return;
        var content = Ledger.Draw();
        var filling = _world.Random.Between(0, 200);
        var recordClass = (RecordClass)_world.Random.Below(4);
        var poisoned = _world.Random.Chance(_plan.Poison);
        try
        {
            ulong epoch = _outbox.Position.Epoch;
            var names = _outbox.Append(new PendingBatch(recordClass, 1, (first, sequence, target) =>
                new SimBatch(Number, content, epoch, first, sequence, Gap: false).Write(target, filling, poisoned)));
            Ledger.Appended(content, names.Epoch, names.FirstSequence);
            if (_world.Tracing)
                _world.Trace(_name, $"appended {names.FirstSequence} ({recordClass}), content {content}");
            UseDisk();
            Pump();
        }
        catch (SimCrashException)
        {
            Die(powerCut: true);
        }
        catch (IOException fault)
        {
            _world.Trace(_name, $"could not append: {fault.Message}");
        }
    }

    public void Receive(PendingReceipt<int> receipt)
    {
        if (!_connected || _pump is null)
            return;
        if (_world.Tracing)
            _world.Trace(_name, FormattableString.Invariant(
                $"receipt through {receipt.Through}{(receipt.Ahead ? ", ahead" : "")}{(receipt.Hold > TimeSpan.Zero ? ", hold" : "")}"));
        _pump.Sender.Receive(
            new ReceiptNotice(
                receipt.Epoch, receipt.Through, receipt.Round, receipt.Ahead, receipt.SealMark, receipt.Hold,
                receipt.Forked), _world.Now);
        Pump();
    }

    /// <summary>The broker has taken a batch, or had nobody to pass it to.</summary>
    public void Acknowledged(int connection, DeliveryTag tag, bool taken)
    {
        if (_pump is null || !_connected || connection != _connection)
            return;
        if (!taken)
            _pump.Sender.Refuse(tag.Round, _world.Now);
        else if (_bugs.HasFlag(PlantedBugs.TrimOnPuback) && tag.Epoch == Epoch)
            _pump.Sender.Receive(
                new ReceiptNotice(tag.Epoch, tag.Sequence, tag.Round, false, 0, TimeSpan.Zero), _world.Now);
        Pump();
    }

    public void LoseConnection()
    {
        if (!_connected)
            return;
        _connected = false;
        _pump?.Sender.Disconnect();
        ConnectSoon();
    }

    public void Partition(TimeSpan length)
    {
        _world.Trace(_name, "cut off");
        _reachable = false;
        LoseConnection();
        _world.After(length, () => _reachable = true);
    }

    public void Kill(bool powerCut)
    {
        if (Up)
            Die(powerCut);
    }

    public void TakeImage() => _image = Table.Image;

    /// <summary>An older copy of the disk is put back: what was appended since is gone with the disk.</summary>
    public void PutImage()
    {
        if (_image is null || !Up)
            return;
        _world.Trace(_name, "an older image of its disk is put back");
        Die(powerCut: false);
        Table.PutImage(_image);
        _epochSeen = 0;
        Ledger.DiskLost();
        foreach (var bytes in Table.AllSealed)
        {
            if (SimBatch.TryOpen(bytes, out var batch))
                Ledger.Back(batch.Content);
        }
    }

    /// <summary>The device gets an empty disk: what it held is gone with the old one.</summary>
    public void Reimage()
    {
        if (!Up)
            return;
        _world.Trace(_name, "gets an empty disk");
        Ledger.DiskLost();
        Die(powerCut: false);
        Table = new SimTable(_world, _name) { Limit = _plan.Limit };
        _epochSeen = 0;
        if (_bugs.HasFlag(PlantedBugs.EpochReused))
            _epochs--;
    }

    private void Die(bool powerCut)
    {
        Crashes++;
        _world.Trace(_name, powerCut ? "power cut" : "killed");
        _life++;
        Resent += _pump?.Resent ?? 0;
        (_outbox, _pump, _connected, _wakeAt) = (null, null, false, TimeSpan.MaxValue);
        if (powerCut)
            Table.CutPower();
        else
            Table.Kill();
        _world.After(_world.Random.Delay(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(8)), Start);
    }

    private void Start()
    {
        if (Up)
            return;
        try
        {
            _outbox = new OutboxLine(
                Table, _options, Clock, NullLogger.Instance, () => (ulong)Number * 1_000 + ++_epochs);
            var position = _outbox.Position;
            _pump = new UplinkPump(
                new Sender(
                    new SenderRules { WindowBatches = _plan.Window }, position.Epoch, position.ReceiptedThrough,
                    position.LastSequence),
                _outbox, () => _world.Random.Next() | 1, Publish);
            if (_world.Tracing)
                _world.Trace(_name, $"starts: epoch {position.Epoch}, {position.ReceiptedThrough} of {position.LastSequence}");
            NoteEpoch();
            ConnectSoon();
        }
        catch (SimCrashException)
        {
            Die(powerCut: true);
        }
        catch (IOException)
        {
            // As systemd would: try again.
            (_outbox, _pump) = (null, null);
            _world.After(DiskPause, Start);
        }
    }

    private void ConnectSoon()
    {
        var life = _life;
        _world.After(Reconnect, () =>
        {
            if (life != _life || _connected || _pump is null)
                return;
            if (!_broker.Up || !_reachable)
            {
                ConnectSoon();
                return;
            }

            _connected = true;
            _connection++;
            _pump.Connect(_world.Now);
            Pump();
        });
    }

    private void Publish(DeliveryTag tag, OutboxBatch batch)
    {
        if (_world.Tracing)
            _world.Trace(_name, FormattableString.Invariant($"sends {tag.FirstSequence}-{tag.Sequence}, round {tag.Round:x}"));
        _broker.Publish(this, _connection, tag, batch.Sealed);
    }

    private void Pump()
    {
        if (_pump is not { } pump)
            return;
        if (_world.Now < _diskBusyUntil)
        {
            WakeAt(_diskBusyUntil);
            return;
        }

        try
        {
            WakeAt(pump.Run(_world.Now));
            UseDisk();
        }
        catch (SimCrashException)
        {
            Die(powerCut: true);
        }
        catch (IOException fault)
        {
            _world.Trace(_name, $"its disk refused: {fault.Message}");
            WakeAt(_world.Now + DiskPause);
        }

        NoteEpoch();
    }

    // A fork may have been committed by a process that died right after.
    private void NoteEpoch()
    {
        if (_outbox is not { } outbox || outbox.Position.Epoch == _epochSeen)
            return;
        if (_epochSeen != 0)
        {
            _world.Trace(_name, $"epoch {_epochSeen} is over, {outbox.Position.Epoch} begins");
            Ledger.Forked(_epochSeen, outbox.Position.Epoch);
        }

        _epochSeen = outbox.Position.Epoch;
    }

    private void WakeAt(TimeSpan when)
    {
        if (when >= _wakeAt && _wakeAt > _world.Now)
            return;
        _wakeAt = when;
        if (when == TimeSpan.MaxValue)
            return;
        var life = _life;
        _world.After(when > _world.Now ? when - _world.Now : TimeSpan.FromTicks(1), () =>
        {
            if (life != _life || _wakeAt != when)
                return;
            _wakeAt = TimeSpan.MaxValue;
            Pump();
        });
    }

    private void UseDisk()
    {
        if (_plan.DiskSlow)
            _diskBusyUntil = _world.Now + _world.Random.Delay(TimeSpan.Zero, TimeSpan.FromMilliseconds(800));
    }
}
