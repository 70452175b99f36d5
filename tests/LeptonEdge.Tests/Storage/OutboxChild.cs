using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Tests.Storage;

/// <summary>A process that appends as fast as it can and says so after each append, until it is killed.</summary>
internal static class OutboxChild
{
    public const long ChurnBytesMax = 512 * 1024;
    public const int ContentBytesMin = 100;
    private const int AppendsMax = 1_000_000;

    public static int AppendUntilKilled(string path)
    {
        var options = new OutboxOptions
            { Path = path, SealGap = (_, _, _, _, _) => throw new InvalidOperationException("full") };
        using var outbox = Outbox.Open(options, TimeProvider.System);
        var output = Console.Out;
        for (var i = 0; i < AppendsMax; i++)
        {
            var sequence = outbox.Append(RecordClass.Telemetry, 1, (_, sequence, sealedBytes) =>
            {
                // Content that follows from the sequence, so that the parent can tell a torn batch from a whole one.
                var bytes = Content(sequence);
                bytes.CopyTo(sealedBytes.GetSpan(bytes.Length));
                sealedBytes.Advance(bytes.Length);
            });
            output.WriteLine(sequence);
            output.Flush();
        }

        return 0;
    }

    /// <summary>The same in a small outbox, which is full most of the time and trimmed now and then.</summary>
    public static int ChurnUntilKilled(string path)
    {
        using var outbox = OpenToChurn(path);
        for (var i = 0; i < AppendsMax; i++)
        {
            Console.Out.WriteLine(Churn(outbox, i));
            Console.Out.Flush();
        }

        return 0;
    }

    public static Outbox OpenToChurn(string path, long bytesMax = ChurnBytesMax) => Outbox.Open(
        new OutboxOptions
        {
            Path = path,
            BytesMax = bytesMax,
            SealGap = (_, _, _, _, target) => target.Advance(target.GetSpan(64)[..64].Length),
        },
        TimeProvider.System);

    /// <summary>The step of that number; returns the last sequence.</summary>
    public static ulong Churn(Outbox outbox, int step)
    {
        if (step % 40 == 39)
            outbox.Trim(outbox.Epoch, (outbox.ReceiptedThrough + outbox.LastSequence) / 2, sealMark: 0);
        var group = Enumerable.Range(0, 1 + (step % 4)).Select(one => new PendingBatch(
            (RecordClass)((step + one) % 4), 1, (_, sequence, target) =>
            {
                var bytes = Content(sequence);
                bytes.CopyTo(target.GetSpan(bytes.Length));
                target.Advance(bytes.Length);
            })).ToArray();
        return outbox.Append(group).LastSequence;
    }

    public static byte[] Content(ulong sequence)
    {
        var random = new Random((int)sequence);
        var bytes = new byte[random.Next(ContentBytesMin, 12_000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
