namespace LeptonEdge.Simulation;

/// <summary>The promise: every appended record is stored exactly once, byte-identical, or named by a gap or by the
/// quarantine; and nothing is excused that had no cause.</summary>
internal static class SimChecker
{
    /// <returns>What is wrong, or null.</returns>
    public static string? Check(SimPlan plan, SimStore store, SimDevice[] devices)
    {
        var stored = new Dictionary<(int Device, ulong Content), SimStoredBatch>();
        var names = new HashSet<(int, ulong, ulong)>();
        foreach (var batch in store.Batches)
        {
            if (!names.Add((batch.Device, batch.Epoch, batch.Sequence)))
                return $"device {batch.Device}: {batch.Epoch}/{batch.Sequence} is stored twice";
            if (batch.Gap || batch.Quarantined)
                continue;
            if (!stored.TryAdd((batch.Device, batch.Content), batch))
                return $"device {batch.Device}: content {batch.Content} is stored twice";
            if (batch.Content == 0 || batch.Content > devices[batch.Device].Ledger.Drawn)
                return $"device {batch.Device}: content {batch.Content} was never sealed";
        }

        return CheckCauses(plan, store) ?? CheckLedgers(plan, store, devices, stored);
    }

    private static string? CheckLedgers(
        SimPlan plan, SimStore store, SimDevice[] devices, Dictionary<(int, ulong), SimStoredBatch> stored)
    {
        foreach (var device in devices)
        {
            foreach (var (content, entry) in device.Ledger.ByContent)
            {
                var found = stored.TryGetValue((device.Number, content), out var batch);
                if (found && (batch.Epoch != entry.Epoch || batch.Sequence != entry.Sequence))
                    return $"device {device.Number}: content {content} is stored under another name";
                if (!found && entry.OnDisk && !IsNamed(plan, store, device, entry))
                    return $"device {device.Number}: {entry.Epoch}/{entry.Sequence}, content {content}, is lost";
            }
        }

        return null;
    }

    private static bool IsNamed(SimPlan plan, SimStore store, SimDevice device, SimLedger.Entry entry)
    {
        if (Covers(entry.Epoch, entry.Sequence))
            return true;
        // The first batch of the new epoch names what was left behind. A hub that was set back after that has no more
        // device to ask.
        return device.Ledger.Forks.TryGetValue(entry.Epoch, out var next)
            && (Covers(next, 1) || plan.StoreRestores > 0);

        bool Covers(ulong epoch, ulong sequence) => store.Batches.Any(batch => (batch.Gap || batch.Quarantined)
            && batch.Device == device.Number && batch.Epoch == epoch && batch.First <= sequence
            && sequence <= batch.Sequence);
    }

    private static string? CheckCauses(SimPlan plan, SimStore store)
    {
        var mayGap = plan.Limit < 100_000 || plan.Rot > 0 || plan.StoreRestores > 0 || plan.OldImages > 0;
        if (!mayGap && store.Batches.FirstOrDefault(batch => batch.Gap) is { Gap: true } gap)
            return $"device {gap.Device}: a gap {gap.First} to {gap.Sequence} that nothing explains";
        if (plan.Damage == 0 && plan.Poison == 0 && store.Batches.FirstOrDefault(batch => batch.Quarantined) is { Quarantined: true } batch)
            return $"device {batch.Device}: {batch.Sequence} is in quarantine, and nothing was wrong with it";
        return null;
    }
}
