using LeptonEdge.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LeptonEdge.Storage.Outboxes;

/// <summary>Takes out of a damaged outbox what is readable, page by page. The damaged file is kept under another name;
/// what was in it and cannot be read is named by gaps.</summary>
internal static class OutboxSalvage
{
    /// <summary>After damage nobody knows which names were given last: go on far beyond them.</summary>
    public const ulong Leap = 1UL << 32;

    /// <exception cref="IOException">The disk is full or fails; nothing was changed.</exception>
    public static OutboxSetAside Run(OutboxOptions options, TimeProvider clock, string reason)
    {
        var kept = OutboxFile.FreeName($"{options.Path}.damaged", clock.GetUtcNow());
        var why = $"damaged on the disk ({reason}); the file is kept as {kept}";
        try
        {
            var batches = Build(options, clock, why);
            OutboxFile.Replace(options.Path, kept);
            return new OutboxSetAside(kept, reason, batches);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_FULL)
        {
            // There is no room for a second file with the same content: the content stays where it is.
            why += ", and nothing was taken over from it, for the disk is full";
            using (var successor = new OutboxSuccessor(
                options, clock, new OutboxState { Epoch = OutboxState.DrawEpoch(), Change = 1 }))
            {
                successor.AddGap(1, why);
                successor.Finish();
            }

            OutboxFile.Replace(options.Path, kept);
            return new OutboxSetAside(kept, reason);
        }
        catch (SqliteException e)
        {
            throw OutboxFile.Explain(options.Path, e);
        }
    }

    private static long Build(OutboxOptions options, TimeProvider clock, string why)
    {
        using var source = new PageSource(options.Path);
        var scan = new PageScan(source, options);
        scan.Run();
        var (state, last) = StateOf(scan);
        using var successor = new OutboxSuccessor(options, clock, state);
        var batches = 0L;
        foreach (var found in Choose(scan.Rows, state))
        {
            if (!scan.TryRead(found, out var row, out var sealedBytes))
                continue;
            if (row.First > state.Last + 1)
                successor.AddGap(row.First - 1, why);
            successor.Add(row, sealedBytes);
            batches += row.IsGap ? 0 : 1;
        }

        successor.AddGap(last == 0 ? 1 : last + Leap, why);
        foreach (var (key, value) in scan.Values)
            successor.AddValue(key, value.Value);
        successor.Finish();
        return batches;
    }

    /// <summary>A state to begin with, in the newest epoch that anything speaks of, and the last name that was given as
    /// far as is known; 0 in a new epoch.</summary>
    private static (OutboxState State, ulong Last) StateOf(PageScan scan)
    {
        var found = scan.State;
        var newest = scan.Rows.Count == 0 ? default : scan.Rows.MaxBy(row => row.Change);
        var epoch = found is not null && found.Change >= newest.Change ? found.Epoch : newest.Epoch;
        if (epoch == 0)
            return (new OutboxState { Epoch = OutboxState.DrawEpoch(), Change = 1 }, 0);
        // A state of before is as good: what it has not yet as received is sent again, and the hub takes it once.
        var known = found?.Epoch == epoch ? found : null;
        var state = new OutboxState
        {
            Epoch = epoch,
            Receipted = known?.Receipted ?? 0,
            ReceiptedMark = known?.ReceiptedMark ?? 0,
            Last = known?.Receipted ?? 0,
            ShedRecords = found?.ShedRecords ?? 0,
            Change = Math.Max(found?.Change ?? 0, newest.Change) + 1,
        };
        var last = known?.Last ?? 0;
        foreach (var row in scan.Rows)
        {
            if (row.Epoch == epoch)
                last = Math.Max(last, row.Sequence);
        }

        return (state, last);
    }

    /// <summary>Of all versions the newest, in order, none overlapping another: a gap that was written later stands in
    /// the place of the batches that it names.</summary>
    private static List<FoundRow> Choose(List<FoundRow> rows, OutboxState state)
    {
        var chosen = new List<FoundRow>();
        foreach (var row in rows.Where(row => row.Epoch == state.Epoch && row.Sequence > state.Receipted
            && (row.IsGap || row.First == row.Sequence)).OrderBy(row => row.Sequence).ThenBy(row => row.Change))
        {
            while (chosen.Count > 0 && row.First <= chosen[^1].Sequence && row.Change >= chosen[^1].Change)
                chosen.RemoveAt(chosen.Count - 1);
            if (chosen.Count == 0 || row.First > chosen[^1].Sequence)
                chosen.Add(row);
        }

        return chosen;
    }
}
