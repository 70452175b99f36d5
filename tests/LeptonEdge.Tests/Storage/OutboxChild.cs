using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Tests.Storage;

/// <summary>A process that appends as fast as it can and says so after each append, until it is killed.</summary>
internal static class OutboxChild
{
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

    public static byte[] Content(ulong sequence)
    {
        var random = new Random((int)sequence);
        var bytes = new byte[random.Next(100, 12_000)];
        random.NextBytes(bytes);
        return bytes;
    }
}
