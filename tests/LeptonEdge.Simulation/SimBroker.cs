using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Simulation;

/// <summary>A broker that keeps nothing: it passes on what it gets to whoever is subscribed at that moment, and
/// acknowledges what it passed on.</summary>
internal sealed class SimBroker(SimWorld world, SimNetwork network)
{
    private readonly Dictionary<int, SimDevice> _devices = [];

    /// <summary>Rises with each start: a connection belongs to one.</summary>
    public int Life { get; private set; } = 1;

    public bool Up { get; private set; } = true;

    /// <summary>Subscribed while it is connected.</summary>
    public SimHub? Hub { get; set; }

    public void Join(SimDevice device) => _devices[device.Number] = device;

    public void Kill(TimeSpan downFor)
    {
        if (!Up)
            return;
        world.Trace("broker", "killed, with all that it held");
        Up = false;
        Life++;
        Hub?.LoseConnection();
        foreach (var device in _devices.Values)
            device.LoseConnection();
        world.After(downFor, () =>
        {
            world.Trace("broker", "up");
            Up = true;
        });
    }

    /// <summary>A device publishes a batch.</summary>
    public void Publish(SimDevice from, int connection, DeliveryTag tag, byte[] bytes) => network.Send(bytes, arrived =>
    {
        if (!Up)
            return;
        var hub = Hub;
        var taken = hub is { Connected: true };
        if (taken)
            network.Send(arrived, atHub => hub!.Arrive(from.Number, tag, atHub));
        network.Send(() => from.Acknowledged(connection, tag, taken));
    });

    /// <summary>The hub publishes a receipt.</summary>
    public void Publish(PendingReceipt<int> receipt) => network.Send(() =>
    {
        if (Up)
            network.Send(() => _devices[receipt.Device].Receive(receipt));
    });
}
