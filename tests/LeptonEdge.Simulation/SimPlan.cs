namespace LeptonEdge.Simulation;

/// <summary>Which faults a schedule has, and how hard they are: drawn from the seed before anything happens, so that some
/// schedules have one fault alone and some have all of them.</summary>
internal sealed class SimPlan
{
    public SimPlan(SimRandom random)
    {
        Devices = random.Chance(0.7) ? 1 : 2;
        Length = TimeSpan.FromSeconds(random.Between(5, 40));
        Appends = random.Between(5, 60);
        Window = random.Between(1, 12);
        Limit = random.Chance(0.4) ? random.Between(1_000, 5_000) : 1_000_000;
        Loss = Draw(random, 0.5, 0.01, 0.4);
        Duplicate = Draw(random, 0.5, 0.01, 0.3);
        Damage = Draw(random, 0.15, 0.005, 0.05);
        Poison = Draw(random, 0.1, 0.02, 0.3);
        DelayMax = random.Chance(0.5) ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromMilliseconds(random.Between(20, 4_000));
        Partitions = Count(random, 0.4, 4);
        BrokerKills = Count(random, 0.4, 3);
        HubKills = Count(random, 0.5, 4);
        DeviceKills = Count(random, 0.5, 4);
        PowerCuts = Count(random, 0.4, 3);
        StoreCrashes = Count(random, 0.4, 3);
        DiskCrashes = Count(random, 0.4, 3);
        StoreFull = Count(random, 0.3, 2);
        DiskFull = Count(random, 0.3, 2);
        DiskSlow = random.Chance(0.2);
        Rot = Count(random, 0.1, 2);
        ClockJumps = Count(random, 0.3, 4);
        StoreRestores = Count(random, 0.05, 1);
        Reimages = Count(random, 0.08, 1);
        // A gap carries no mark to compare, so an old image is told by its batches alone.
        OldImages = Limit > 100_000 && Rot == 0 ? Count(random, 0.08, 1) : 0;
    }

    public int Devices { get; }

    /// <summary>How long faults go on.</summary>
    public TimeSpan Length { get; }

    /// <summary>Batches that each device appends.</summary>
    public int Appends { get; }

    public int Window { get; }

    /// <summary>Byte limit of the outbox.</summary>
    public int Limit { get; }

    /// <summary>Probability that a message gets lost on one hop.</summary>
    public double Loss { get; }

    public double Duplicate { get; }

    /// <summary>Probability that a byte of a message changes on one hop.</summary>
    public double Damage { get; }

    /// <summary>Probability that a batch is sealed so that the hub cannot open it.</summary>
    public double Poison { get; }

    /// <summary>Messages overtake each other within this.</summary>
    public TimeSpan DelayMax { get; }

    public int Partitions { get; }

    public int BrokerKills { get; }

    public int HubKills { get; }

    public int DeviceKills { get; }

    /// <summary>Kills that also take what the disk had not synced.</summary>
    public int PowerCuts { get; }

    /// <summary>Kills of the hub in the middle of a transaction.</summary>
    public int StoreCrashes { get; }

    /// <summary>Power cuts of a device in the middle of what it does to its disk.</summary>
    public int DiskCrashes { get; }

    public int StoreFull { get; }

    public int DiskFull { get; }

    public bool DiskSlow { get; }

    /// <summary>Rows of an outbox in which a bit flips.</summary>
    public int Rot { get; }

    /// <summary>Jumps of a device's clock by up to ten years either way, or to 1970.</summary>
    public int ClockJumps { get; }

    /// <summary>The hub's store is set back to an older backup.</summary>
    public int StoreRestores { get; }

    /// <summary>A device gets an empty disk.</summary>
    public int Reimages { get; }

    /// <summary>A device gets an older copy of its own disk.</summary>
    public int OldImages { get; }

    private static double Draw(SimRandom random, double chance, double low, double high) =>
        random.Chance(chance) ? low + (high - low) * random.Below(1_000) / 1_000 : 0;

    private static int Count(SimRandom random, double chance, int max) => random.Chance(chance) ? random.Between(1, max) : 0;
}
