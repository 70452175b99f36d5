using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

/// <summary>A hub's store in a folder of its own, with a clock that the test moves.</summary>
internal sealed class HubStoreFixture : IDisposable
{
    public static readonly TenantId Tenant = new("acme");
    public static readonly DeviceId Device = new("edge-press");

    /// <summary>SQL that takes away what layout 10 added.</summary>
    public const string DropLayout10 = """
        DROP TABLE audit_archive; DROP TRIGGER audit_kept;
        CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit entries are not removed'); END;

        """;

    /// <summary>SQL that takes away what layouts 9 and 10 added.</summary>
    public const string DropLayout9 = DropLayout10 + """
        DROP TABLE plan_move; DROP INDEX alarm_state_changed; DROP INDEX alarm_state_severity;
        DROP INDEX alarm_state_device; DROP INDEX alarm_state_rule; DROP INDEX alarm_state_open;
        DROP INDEX alarm_state_seen; DROP INDEX alarm_state_unseen; DROP INDEX alarm_state_assignee;
        ALTER TABLE alarm_state DROP COLUMN changed;
        """;

    /// <summary>SQL that takes away what layouts 8 and 9 added.</summary>
    public const string DropLayout8 =
        DropLayout9 + "DROP TABLE alarm_state; DROP TABLE alarm_comment; DROP TABLE document; DROP TABLE answer;";

    /// <summary>SQL that takes away what layouts 7 and 8 added.</summary>
    public const string DropLayout7 =
        DropLayout8 + "DROP TABLE account; DROP TABLE session; DROP TABLE access_token; DROP TABLE audit;";

    private readonly TempFolder _folder = new();
    private HubStore? _store;

    public string Path => _folder.File("hub.db");

    public ManualTimeProvider Clock { get; } = new();

    /// <summary>Opened at its first use.</summary>
    public HubStore Store => _store ??= Open(Path, Clock);

    public static HubStore Open(string path, TimeProvider? clock = null) =>
        HubStore.Open(new HubStoreOptions { Path = path }, clock ?? TimeProvider.System);

    /// <summary>Closes the store and opens it again, as a hub that starts anew.</summary>
    public HubStore Reopen()
    {
        Close();
        return Store;
    }

    public void Close()
    {
        _store?.Dispose();
        _store = null;
    }

    public IngestOutcome Ingest(
        ulong sequence, RecordBatch batch, ulong epoch = 1, ulong? first = null, DeviceId? device = null,
        TenantId? tenant = null)
    {
        var header = new BatchHeader(
            device ?? Device, epoch, first ?? sequence, sequence, batch.Class, batch.Count,
            CreatedMicros: (long)sequence * 10);
        return Store.Ingest(tenant ?? Tenant, header, batch, sealedBytes: 1000);
    }

    /// <summary>One batch of telemetry with these readings of one channel.</summary>
    public static RecordBatch Readings(ChannelName channel, IEnumerable<Reading> readings)
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        foreach (var reading in readings)
            batch.AddReading(channel, reading.TimeMicros, reading.Value);
        return batch;
    }

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }
}
