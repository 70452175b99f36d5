namespace LeptonEdge.Storage.Outboxes;

/// <summary>Takes out of a damaged outbox what is readable. The damaged file is kept under another name; what was in it
/// and cannot be read is named by gaps.</summary>
internal static class OutboxSalvage
{
    /// <summary>After damage nobody knows which names were given last: go on far beyond them.</summary>
    private const ulong Leap = 1UL << 32;

    public static OutboxSetAside Run(OutboxOptions options, TimeProvider clock, string reason)
    {
        var kept = OutboxFile.FreeName($"{options.Path}.damaged", clock.GetUtcNow());
        var why = $"damaged on the disk ({reason}); the file is kept as {kept}";
        BeginAnew(options, clock, kept, why);
        return new OutboxSetAside(kept, reason);
    }

    private static void BeginAnew(OutboxOptions options, TimeProvider clock, string kept, string why)
    {
        OutboxSuccessor successor;
        using (successor = new OutboxSuccessor(
            options, clock, new OutboxState { Epoch = OutboxLine.DrawEpoch(), Change = 1 }))
        {
            successor.AddGap(1, why);
            successor.Finish();
        }

        successor.TakePlace(kept);
    }
}
