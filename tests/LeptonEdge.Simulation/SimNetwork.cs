namespace LeptonEdge.Simulation;

/// <summary>One hop: what is sent may be lost, doubled, damaged, or overtaken by what was sent later.</summary>
internal sealed class SimNetwork(SimWorld world, SimPlan plan)
{
    private static readonly TimeSpan Fastest = TimeSpan.FromMicroseconds(50);

    /// <summary>While false every hop is whole and quick.</summary>
    public bool Faulty { get; set; } = true;

    public void Send(byte[] bytes, Action<byte[]> arrive)
    {
        var random = world.Random;
        if (Faulty && random.Chance(plan.Loss))
            return;
        if (Faulty && random.Chance(plan.Damage))
            bytes = Damaged(bytes);
        world.After(Delay(), () => arrive(bytes));
        if (Faulty && random.Chance(plan.Duplicate))
            world.After(Delay(), () => arrive(bytes));
    }

    public void Send(Action arrive)
    {
        if (Faulty && world.Random.Chance(plan.Loss))
            return;
        world.After(Delay(), arrive);
        if (Faulty && world.Random.Chance(plan.Duplicate))
            world.After(Delay(), arrive);
    }

    private TimeSpan Delay() => Faulty ? world.Random.Delay(Fastest, plan.DelayMax) : Fastest;

    private byte[] Damaged(byte[] bytes)
    {
        var copy = bytes.ToArray();
        copy[world.Random.Below(copy.Length)] ^= (byte)(1 << world.Random.Below(8));
        return copy;
    }
}
