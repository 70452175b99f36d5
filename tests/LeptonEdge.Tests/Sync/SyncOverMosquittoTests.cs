using System.Text;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Sync.Devices;
using LeptonEdge.Sync.Hubs;
using LeptonEdge.Sync.Uplink;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Sync;

/// <summary>Both ends of sync as they are in the product, with a real mosquitto between them.</summary>
public class SyncOverMosquittoTests
{
    private static readonly TenantId Tenant = new("acme");
    private static readonly DeviceId Device = new("press-7");
    private static readonly ChannelName Channel = new("spindle.marker-channel");
    private const double MarkerValue = 1234.56789012345;
    private const string MarkerText = "tungsten-marker-text";

    [PeerFact("mosquitto")]
    public async Task What_is_appended_is_stored_once_and_trimmed_by_the_receipt()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        for (var i = 0; i < 500; i++)
            line.Writer.AddReading(RecordClass.Telemetry, Channel, i * 1_000L, i);
        line.Writer.Flush();

        Assert.True(await line.Device.DrainAsync(TimeSpan.FromSeconds(20)));

        Assert.Equal(line.Appended, line.StoredDigests());
        Assert.Equal(0, line.Outbox.Backlog.Batches);
    }

    [PeerFact("mosquitto")]
    public async Task Neither_the_outbox_file_nor_the_broker_s_traffic_holds_plaintext()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        for (var i = 0; i < 64; i++)
            line.Writer.AddReading(RecordClass.Telemetry, Channel, 1_700_000_000_000_000 + i, MarkerValue);
        line.Writer.AddAlarm(new AlarmEvent(
            "marker", Channel, AlarmSeverity.Critical, AlarmTransition.Raised, 1, MarkerValue, MarkerText));
        line.Writer.Flush();
        line.Device.Report(new ReportedState { Board = MarkerText });
        var outboxBytes = line.OutboxFileBytes();
        Assert.True(await line.Device.DrainAsync(TimeSpan.FromSeconds(20)));
        await Eventually.True(() => line.Reports.Any(report => report.Board == MarkerText), "the report arrived");

        var traffic = line.Proxy.Seen;
        Assert.Contains(
            "lepton/acme/press-7/up/telemetry", Encoding.ASCII.GetString(traffic), StringComparison.Ordinal);
        foreach (var (place, bytes) in new[] { ("outbox", outboxBytes), ("traffic", traffic) })
        {
            foreach (var needle in Needles())
                Assert.True(bytes.AsSpan().IndexOf(needle) < 0, $"{place} holds {Convert.ToHexString(needle)}");
        }

        // The needles do find what they look for: the hub's own store is not sealed.
        Assert.Contains(MarkerText, line.Store.EnumerateBatches()
            .Single(b => b.Records.Alarms.Count == 1).Records.Alarms[0].Message, StringComparison.Ordinal);
    }

    [PeerFact("mosquitto")]
    public async Task A_broker_killed_with_unstored_batches_loses_and_doubles_nothing()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 3_000; i++)
                line.Writer.AddReading(RecordClass.Telemetry, Channel, round * 10_000L + i, i);
            await line.Mosquitto.KillAndRestartAsync();
            line.Proxy.CutAll();
        }

        line.Writer.Flush();
        Assert.True(await line.Device.DrainAsync(TimeSpan.FromSeconds(40)));
        Assert.Equal(line.Appended, line.StoredDigests());
    }

    [PeerFact("mosquitto")]
    public async Task A_batch_sealed_for_another_hub_is_dropped_and_the_line_goes_on()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        using var stranger = new BatchSealer(HubPrivateKey.Generate().Public, Tenant, new DeviceId("stranger"));
        await line.PublishRawAsync("lepton/acme/stranger/up/telemetry", [1, 2, 3]);
        var forged = new System.Buffers.ArrayBufferWriter<byte>();
        stranger.Seal(new BatchHeader(new DeviceId("stranger"), 1, 1, 1, RecordClass.Event, 1, 0), [1, 2], forged);
        await line.PublishRawAsync("lepton/acme/stranger/up/telemetry", forged.WrittenSpan.ToArray());
        await Eventually.True(() => line.Hub.Dropped == 2, "both were dropped");

        line.Writer.AddReading(RecordClass.Telemetry, Channel, 1, double.NaN);
        line.Writer.Flush();

        Assert.True(await line.Device.DrainAsync(TimeSpan.FromSeconds(20)));
        Assert.True(double.IsNaN(line.Store.EnumerateBatches().Single().Records.Series[0].Values[0]));
    }

    [PeerFact("mosquitto")]
    public async Task Desired_state_is_retained_and_a_command_reaches_the_device()
    {
        await using var line = await SyncLine.StartAsync(Tenant, Device);
        Assert.True(await line.Hub.PublishDesiredAsync(Tenant, Device, new DesiredState { Version = 7 }));
        Assert.True(await line.Hub.SendCommandAsync(
            Tenant, Device, new Command { Id = "c1", LoadDrill = new LoadDrill { Seconds = 1 } }));

        Assert.Equal(7ul, (await line.Device.Desired.ReadAsync(line.Patience)).Version);
        Assert.Equal("c1", (await line.Device.Commands.ReadAsync(line.Patience)).Id);

        // A connection later, the retained state comes again by itself.
        line.Proxy.CutAll();
        Assert.Equal(7ul, (await line.Device.Desired.ReadAsync(line.Patience)).Version);
    }

    private static IEnumerable<byte[]> Needles()
    {
        yield return BitConverter.GetBytes(MarkerValue);
        yield return [.. BitConverter.GetBytes(MarkerValue).Reverse()];
        yield return Encoding.UTF8.GetBytes(MarkerText);
        yield return Encoding.Unicode.GetBytes(MarkerText);
        yield return Encoding.UTF8.GetBytes(Channel.Value);
        yield return Encoding.UTF8.GetBytes("1234.5678");
    }
}
