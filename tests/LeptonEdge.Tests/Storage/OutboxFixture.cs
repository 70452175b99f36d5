using System.Buffers;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Storage;

/// <summary>An outbox with real codec and sealing, and a hub's key to look inside.</summary>
internal sealed class OutboxFixture : IDisposable
{
    public static readonly TenantId Tenant = new("acme");
    public static readonly DeviceId Device = new("edge-press");
    private readonly TempFolder _folder = new();
    private readonly HubPrivateKey _key = HubPrivateKey.Generate();
    private readonly BatchSealer _sealer;
    private readonly BatchOpener _opener;

    public OutboxFixture()
    {
        _sealer = new BatchSealer(_key.Public, Tenant, Device);
        _opener = new BatchOpener([_key]);
    }

    public string Path => _folder.File("outbox.db");

    public string Folder => _folder.Path;

    public Outbox Open(long bytesMax = 64 * 1024 * 1024, string? path = null, ILogger? logger = null) =>
        Outbox.Open(new OutboxOptions { Path = path ?? Path, BytesMax = bytesMax, SealGap = SealGap },
            TimeProvider.System, logger);

    public ulong Append(Outbox outbox, RecordBatch batch) => outbox.Append(batch.Class, batch.Count,
        (first, sequence, writer) => Seal(outbox.Epoch, first, sequence, batch, writer));

    public (BatchHeader Header, RecordBatch Batch) Look(OutboxBatch sealedBatch)
    {
        var plaintext = new ArrayBufferWriter<byte>();
        var opened = Assert.IsType<OpenResult.Opened>(_opener.Open(sealedBatch.Sealed, plaintext));
        Assert.Equal(
            (sealedBatch.FirstSequence, sealedBatch.Sequence), (opened.Header.FirstSequence, opened.Header.Sequence));
        Assert.Equal((sealedBatch.Class, sealedBatch.Records), (opened.Header.Class, opened.Header.Records));
        return (opened.Header, BatchCodec.Decode(plaintext.WrittenSpan));
    }

    public static List<OutboxBatch> All(Outbox outbox, ulong after = 0)
    {
        var all = new List<OutboxBatch>();
        outbox.ReadAfter(after, int.MaxValue, long.MaxValue, all);
        return all;
    }

    /// <summary>Takes a receipt as a hub of old gave it, without a seal mark.</summary>
    public static TrimResult Trim(Outbox outbox, ulong through) => outbox.Trim(outbox.Epoch, through, sealMark: 0);

    public void Dispose()
    {
        _sealer.Dispose();
        _key.Dispose();
        _folder.Dispose();
    }

    private void SealGap(ulong epoch, ulong first, ulong sequence, RecordBatch gaps, IBufferWriter<byte> writer) =>
        Seal(epoch, first, sequence, gaps, writer);

    private void Seal(ulong epoch, ulong first, ulong sequence, RecordBatch batch, IBufferWriter<byte> writer)
    {
        var plaintext = new ArrayBufferWriter<byte>();
        BatchCodec.Encode(batch, plaintext);
        _sealer.Seal(new BatchHeader(Device, epoch, first, sequence, batch.Class, batch.Count, 1),
            plaintext.WrittenSpan, writer);
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel}: {formatter(state, exception)}");
}
