namespace LeptonEdge.Simulation;

/// <summary>One schedule: devices append while everything around them fails, then the faults end, the line drains, and
/// the promise is checked.</summary>
public static class SimSchedule
{
    private const long StepsMax = 400_000;
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public static SimOutcome Run(SimOptions options)
    {
        var world = new SimWorld(options.Seed, options.Trace);
        var plan = new SimPlan(world.Random);
        var network = new SimNetwork(world, plan);
        var broker = new SimBroker(world, network);
        var store = new SimStore(world, options.Bugs);
        var hub = new SimHub(world, broker, store);
        var devices = new SimDevice[plan.Devices];
        for (var i = 0; i < devices.Length; i++)
            devices[i] = new SimDevice(world, plan, broker, i, options.Bugs);
        ScheduleAppends(world, plan, devices);
        ScheduleFaults(world, plan, broker, hub, devices);

        var fault = world.RunUntil(plan.Length, StepsMax) ? null : "something spins while faults go on";
        fault ??= Heal(world, network, hub, devices);
        fault ??= SimChecker.Check(plan, store, devices);
        return new SimOutcome(
            options.Seed, fault, world.Steps, devices.Sum(device => device.Ledger.Count),
            store.Batches.Count(batch => !batch.Gap && !batch.Quarantined), store.Batches.Count(batch => batch.Gap),
            store.Batches.Count(batch => batch.Quarantined), hub.Crashes + devices.Sum(device => device.Crashes),
            devices.Sum(device => device.Resent),
            devices.Sum(device => device.Ledger.Forks.Count), devices.Sum(device => device.Shed));
    }

    private static void ScheduleAppends(SimWorld world, SimPlan plan, SimDevice[] devices)
    {
        foreach (var device in devices)
        {
            for (var i = 0; i < plan.Appends; i++)
                At(world, plan, device.Append);
        }
    }

    private static void ScheduleFaults(SimWorld world, SimPlan plan, SimBroker broker, SimHub hub, SimDevice[] devices)
    {
        var (shortest, longest) = (TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(10));
        SimDevice Any() => devices[world.Random.Below(devices.Length)];
        TimeSpan While() => world.Random.Delay(shortest, longest);

        Times(plan.Partitions, () => Any().Partition(While()));
        Times(plan.BrokerKills, () => broker.Kill(While()));
        Times(plan.HubKills, () => hub.Kill(While()));
        Times(plan.DeviceKills, () => Any().Kill(powerCut: false));
        Times(plan.PowerCuts, () => Any().Kill(powerCut: true));
        Times(plan.StoreCrashes, () => hub.Store.CrashIn = world.Random.Below(6));
        Times(plan.DiskCrashes, () => Any().Table.CrashIn = world.Random.Below(12));
        Times(plan.StoreFull, () =>
        {
            hub.Store.Full = true;
            world.After(While(), () => hub.Store.Full = false);
        });
        Times(plan.DiskFull, () =>
        {
            var table = Any().Table;
            table.Full = true;
            world.After(While(), () => table.Full = false);
        });
        Times(plan.Rot, () => Any().Table.Rot());
        Times(plan.ClockJumps, () => Jump(world, Any().Clock));
        Times(plan.StoreRestores, () =>
        {
            hub.Store.BackUp();
            world.After(While(), () =>
            {
                hub.Kill(While());
                hub.Store.Restore();
                world.Trace("hub", "its store is set back to a backup");
            });
        });
        Times(plan.Reimages, () => Any().Reimage());
        Times(plan.OldImages, () =>
        {
            var device = Any();
            device.TakeImage();
            world.After(While(), device.PutImage);
        });

        void Times(int count, Action fault)
        {
            for (var i = 0; i < count; i++)
                At(world, plan, fault);
        }
    }

    private static void Jump(SimWorld world, SimClock clock)
    {
        clock.Wall = world.Random.Chance(0.2)
            ? DateTimeOffset.UnixEpoch
            : new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(world.Random.Between(-3_652, 3_652));
        world.Trace("clock", $"now says {clock.Wall:u}");
    }

    private static void At(SimWorld world, SimPlan plan, Action what) =>
        world.After(TimeSpan.FromTicks((long)(world.Random.Next() % (ulong)plan.Length.Ticks)), what);

    /// <summary>Faults end; each device appends once more, so that one whose hub was set back hears of it.</summary>
    private static string? Heal(SimWorld world, SimNetwork network, SimHub hub, SimDevice[] devices)
    {
        world.Trace("schedule", "the faults end");
        network.Faulty = false;
        hub.Store.CrashIn = -1;
        foreach (var device in devices)
            device.Table.CrashIn = -1;
        // What is under way, such as a start or the end of a full disk, takes up to ten seconds more.
        if (!world.RunUntil(world.Now + TimeSpan.FromSeconds(30), StepsMax))
            return "something spins after the faults";
        foreach (var device in devices)
        {
            device.Table.Full = false;
            device.Append();
        }

        if (!world.RunUntil(world.Now + Patience, StepsMax, () => Array.TrueForAll(devices, device => device.Drained)))
            return "something spins while the line drains";
        foreach (var device in devices)
        {
            if (!device.Drained)
                return $"device {device.Number} never drains: {(device.Up ? "it is up" : "it is down")}";
        }

        return null;
    }
}
