using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Protocol;

namespace LeptonEdge.Tests.Storage;

/// <summary>A process that stores batches as fast as it can, some of them twice, and says so after each transaction,
/// until it is killed.</summary>
internal static class HubChild
{
    public const ulong Epoch = 0xFEDC_BA98_7654_3210;
    private const int TransactionsMax = 1_000_000;

    public static int IngestUntilKilled(string path)
    {
        using var store = HubStoreFixture.Open(path);
        var next = store.Cursor(HubStoreFixture.Tenant, HubStoreFixture.Device, Epoch) + 1;
        var output = Console.Out;
        for (var i = 0; i < TransactionsMax; i++)
        {
            // One, two or three to the transaction, and every other time the newest of those before once more.
            var first = i % 2 == 1 ? next - 1 : next;
            var batches = Enumerable.Range(0, 1 + (i % 3)).Select(more => Received(first + (ulong)more)).ToList();
            foreach (var outcome in store.Ingest(batches).OfType<IngestOutcome.Stored>())
            {
                next = outcome.Through + 1;
                output.WriteLine(outcome.Through);
            }

            output.Flush();
        }

        return 0;
    }

    /// <summary>Content that follows from the sequence, so that the parent can tell a torn batch from a whole
    /// one.</summary>
    public static RecordBatch Content(ulong sequence) => RandomBatches.Make((int)sequence);

    private static ReceivedBatch Received(ulong sequence)
    {
        var batch = Content(sequence);
        var header = new BatchHeader(
            HubStoreFixture.Device, Epoch, sequence, sequence, batch.Class, batch.Count, CreatedMicros: 7);
        return new ReceivedBatch(HubStoreFixture.Tenant, header, batch, SealedBytes: 100);
    }
}
