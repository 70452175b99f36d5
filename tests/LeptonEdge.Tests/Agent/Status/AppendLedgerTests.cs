using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Status;

public sealed class AppendLedgerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => _folder.File("ledger");

    [Fact]
    public void Every_append_is_read_back_with_the_fingerprints_of_its_records()
    {
        var batch = Batch(3);
        using (var ledger = new AgentLedger(File))
        {
            ledger.Append(Name(1), batch, 120);
            ledger.Append(Name(2), Batch(0), 60);
        }

        var entries = AppendLedger.Read(File).ToList();
        Assert.Equal([1UL, 2UL], entries.Select(entry => entry.Sequence));
        Assert.Equal(RecordDigest.Compute(Name(1), batch), entries[0].Digests);
        Assert.Equal((7UL, RecordClass.Telemetry, 120), (entries[0].Epoch, entries[0].Class, entries[0].SealedBytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30)]
    public void An_entry_that_was_cut_short_is_left_out_and_written_over(int missing)
    {
        using (var ledger = new AgentLedger(File))
        {
            ledger.Append(Name(1), Batch(2), 100);
            ledger.Append(Name(2), Batch(2), 100);
        }

        using (var stream = new FileStream(File, FileMode.Open))
            stream.SetLength(stream.Length - missing);
        Assert.Equal([1UL], AppendLedger.Read(File).Select(entry => entry.Sequence));

        using (var ledger = new AgentLedger(File))
            ledger.Append(Name(3), Batch(1), 50);
        Assert.Equal([1UL, 3UL], AppendLedger.Read(File).Select(entry => entry.Sequence));
    }

    [Fact]
    public void Another_file_is_not_taken_for_a_ledger()
    {
        System.IO.File.WriteAllText(File, "tenant: acme, and more");

        Assert.Throws<InvalidDataException>(() => new AgentLedger(File));
        Assert.Equal("tenant: acme, and more", System.IO.File.ReadAllText(File));
    }

    public void Dispose() => _folder.Dispose();

    private static BatchName Name(ulong sequence) => new(new DeviceId("edge"), 7, sequence);

    private static RecordBatch Batch(int readings)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var i = 0; i < readings; i++)
            batch.AddReading(new ChannelName("cpu"), i, i * 0.5);
        return batch;
    }
}
