using LeptonEdge.Tests.Support;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The session file: what a restart keeps, what does not touch the disk, and what a bad file does.</summary>
public sealed class SessionFileTests : IDisposable
{
    private static readonly byte[] Expiry = Properties(17, UInt32(600));

    private readonly TempFolder _folder = new();

    private string File => _folder.File("broker.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restart_keeps_sessions_subscriptions_queues_and_retained_messages()
    {
        await using (var broker = await KestrelBroker.StartAsync(sessionFile: File))
        {
            using var keeper = await OpenAsync(broker.Port, Connect5("keeper", flags: 0, properties: Expiry));
            await keeper.SendAsync(Packet(0x82, UInt16(1), Properties(11, 7), "k/#", 2, "o/+", 0x19));
            await keeper.ExpectAsync(Packet(0x90, UInt16(1), 0, 2, 1));
            using var old = await OpenAsync(broker.Port, Connect4("old", flags: 0));
            await old.SendAsync(Packet(0x82, UInt16(1), "k/1", 1));
            await old.ExpectAsync(Packet(0x90, UInt16(1), 1));
            await old.SendAsync([0xE0, 0]);
            await old.ExpectClosedAsync();
            using var writer = await OpenAsync(broker.Port, Connect5("writer"));
            await writer.SendAsync(
                Packet(0x32, "k/1", UInt16(1), Properties(3, "text", 38, "a", "b"), 1),
                Packet(0x34, "k/2", UInt16(2), 0, 2), Packet(0x34, "k/3", UInt16(3), 0, 3),
                Packet(0x33, "r/1", UInt16(4), 0, 4), Packet(0x31, "r/2", 0, 5), Packet(0x31, "r/2", 0),
                Packet(0x32, "nobody", UInt16(5), 0));
            await writer.ExpectAsync(
                Packet(0x40, UInt16(1)), Packet(0x50, UInt16(2)), Packet(0x50, UInt16(3)),
                Packet(0x40, UInt16(4), 0x10), Packet(0x40, UInt16(5), 0x10));
            // One of each: acknowledged (the client's), released (half the client's), only sent.
            await keeper.ExpectAsync(
                Packet(0x32, "k/1", UInt16(1), Properties(3, "text", 11, 7, 38, "a", "b"), 1),
                Packet(0x34, "k/2", UInt16(2), Properties(11, 7), 2),
                Packet(0x34, "k/3", UInt16(3), Properties(11, 7), 3));
            await keeper.SendAsync(Packet(0x40, UInt16(1)), Packet(0x50, UInt16(2)));
            await keeper.ExpectAsync(Packet(0x62, UInt16(2)));
        }
        await using var again = await KestrelBroker.StartAsync(sessionFile: File);
        using var back = new Wire(again.Port);
        await back.SendAsync(Connect5("keeper", flags: 0, properties: Expiry));
        Assert.Equal([1, 0], (await back.ReadAsync())[2..4]);
        await back.ExpectAsync(
            Packet(0x62, UInt16(2)), Packet(0x3C, "k/3", UInt16(3), Properties(11, 7), 3));
        await back.ExpectNothingAsync();
        using var oldBack = new Wire(again.Port);
        await oldBack.SendAsync(Connect4("old", flags: 0));
        await oldBack.ExpectAsync([0x20, 2, 1, 0], Packet(0x3A, "k/1", UInt16(1), 1));
        using var reader = await OpenAsync(again.Port, Connect5("reader"));
        await reader.SendAsync(Packet(0x82, UInt16(1), 0, "r/+", 0));
        await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 0), Packet(0x31, "r/1", 0, 4));
        // The subscription's options and identifier are the old ones.
        await reader.SendAsync(Packet(0x33, "o/x", UInt16(9), 0, 6));
        await reader.ExpectAsync(Packet(0x40, UInt16(9)));
        await back.ExpectAsync(Packet(0x33, "o/x", UInt16(4), Properties(11, 7), 6));
    }

    [Fact]
    public async Task A_QoS_2_message_repeated_after_a_restart_is_still_a_repetition()
    {
        byte[] publish = Packet(0x34, "t", UInt16(5), 0, 1), repeated = Packet(0x3C, "t", UInt16(5), 0, 1);
        await using (var broker = await KestrelBroker.StartAsync(sessionFile: File))
        {
            using var reader = await OpenAsync(broker.Port, Connect5("reader", flags: 0, properties: Expiry));
            await reader.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
            await reader.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            using var writer = await OpenAsync(broker.Port, Connect5("writer", flags: 0, properties: Expiry));
            await writer.SendAsync(publish);
            await writer.ExpectAsync(Packet(0x50, UInt16(5)));
            await reader.ExpectAsync(Packet(0x32, "t", UInt16(1), 0, 1));
            await reader.SendAsync(Packet(0x40, UInt16(1)));
            await reader.ExpectNothingAsync();
        }
        await using var again = await KestrelBroker.StartAsync(sessionFile: File);
        using var readerBack = await OpenAsync(again.Port, Connect5("reader", flags: 0, properties: Expiry));
        using var writerBack = await OpenAsync(again.Port, Connect5("writer", flags: 0, properties: Expiry));
        await writerBack.SendAsync(repeated);
        await writerBack.ExpectAsync(Packet(0x50, UInt16(5)));
        await writerBack.SendAsync(Packet(0x62, UInt16(5)));
        await writerBack.ExpectAsync(Packet(0x70, UInt16(5)));
        await readerBack.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_session_that_ended_leaves_nothing_in_the_file()
    {
        await using (var broker = await KestrelBroker.StartAsync(sessionFile: File))
        {
            using (var keeper = await OpenAsync(broker.Port, Connect5("keeper", flags: 0, properties: Expiry)))
            {
                await keeper.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
                await keeper.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
                await keeper.SendAsync(Packet(0x32, "t", UInt16(1), 0, 1));
                await keeper.ReadAsync();
            }
            using var clean = await OpenAsync(broker.Port, Connect5("keeper", flags: 2));
        }
        await using var again = await KestrelBroker.StartAsync(sessionFile: File);
        Assert.Empty(await again.Server.GetSessionsAsync());
        using var back = new Wire(again.Port);
        await back.SendAsync(Connect5("keeper", flags: 0, properties: Expiry));
        Assert.Equal(0, (await back.ReadAsync())[2]);
        await back.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_will_whose_delay_runs_out_after_the_restart_is_sent()
    {
        await using (var broker = await KestrelBroker.StartAsync(sessionFile: File))
        {
            using var watcher = await OpenAsync(broker.Port, Connect5("watcher", flags: 0, properties: Expiry));
            await watcher.SendAsync(Packet(0x82, UInt16(1), 0, "w", 1));
            await watcher.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            using var dying = await OpenAsync(broker.Port, Packet(
                0x10, "MQTT", 5, 4, UInt16(60), Expiry, "dying", Properties(24, UInt32(1)), "w", "x"));
        }
        await using var again = await KestrelBroker.StartAsync(sessionFile: File);
        using var back = await OpenAsync(again.Port, Connect5("watcher", flags: 0, properties: Expiry));
        await back.ExpectAsync(Packet(0x30, "w", 0, "x"u8.ToArray()));
    }

    [Fact]
    public async Task Messages_for_sessions_that_end_with_their_connection_do_not_touch_the_disk()
    {
        await using var broker = await KestrelBroker.StartAsync(sessionFile: File);
        using var wire = await OpenAsync(broker.Port, Connect5("brief"));
        await wire.SendAsync(Packet(0x82, UInt16(1), 0, "t", 2));
        await wire.ExpectAsync(Packet(0x90, UInt16(1), 0, 2));
        var before = (new FileInfo(File).Length, new FileInfo(File + "-wal").Length);
        for (var i = 1; i <= 200; i++)
        {
            await wire.SendAsync(Packet(0x32, "t", UInt16(1), 0, new byte[500]));
            var (first, second) = (await wire.ReadAsync(), await wire.ReadAsync());
            var publish = first[0] == 0x40 ? second : first;
            await wire.SendAsync(Packet(0x40, publish[5..7]));
        }
        await wire.ExpectNothingAsync();
        Assert.Equal(before, (new FileInfo(File).Length, new FileInfo(File + "-wal").Length));
    }

    [Theory]
    [InlineData("no database at all")]
    [InlineData("SQLite format 3\0 but nothing behind it")]
    public async Task A_damaged_file_is_set_aside_and_the_broker_starts_empty(string content)
    {
        await System.IO.File.WriteAllTextAsync(File, content);
        await using var broker = await KestrelBroker.StartAsync(sessionFile: File);
        var aside = Assert.Single(Directory.GetFiles(_folder.Path, "broker.db.damaged-*"));
        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(aside));
        Assert.Contains(broker.Log, line => line.Contains(aside, StringComparison.Ordinal));
        using var wire = await OpenAsync(broker.Port, Connect5("keeper", flags: 0, properties: Expiry));
        await wire.SendAsync(Packet(0x82, UInt16(1), 0, "t", 2));
        await wire.ExpectAsync(Packet(0x90, UInt16(1), 0, 2));
    }

    [Fact]
    public async Task Flipped_bits_never_keep_the_broker_from_starting()
    {
        await using (var broker = await KestrelBroker.StartAsync(sessionFile: File))
        {
            using var keeper = await OpenAsync(broker.Port, Connect5("keeper", flags: 0, properties: Expiry));
            await keeper.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
            await keeper.ReadAsync();
            for (var i = 1; i <= 50; i++)
                await keeper.SendAsync(Packet(0x33, "t", UInt16(i), 0, new byte[200]));
            await keeper.ExpectWithAsync(0x40, 50);
        }
        var sound = await System.IO.File.ReadAllBytesAsync(File);
        var random = new Random(5);
        for (var round = 0; round < 40; round++)
        {
            var bytes = sound.ToArray();
            for (var i = 0; i < 20; i++)
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            var path = _folder.File($"round{round}.db");
            await System.IO.File.WriteAllBytesAsync(path, bytes);
            await using var broker = await KestrelBroker.StartAsync(sessionFile: path);
            using var wire = await OpenAsync(broker.Port, Connect5($"other{round}", flags: 2, properties: Expiry));
            await wire.SendAsync(Packet(0x32, "x", UInt16(1), 0));
            await wire.ExpectAsync(Packet(0x40, UInt16(1), 0x10));
        }
    }

    [Fact]
    public async Task Two_servers_cannot_have_one_file()
    {
        await using var broker = await KestrelBroker.StartAsync(sessionFile: File);
        await Assert.ThrowsAsync<IOException>(() => KestrelBroker.StartAsync(sessionFile: File));
    }

    [Fact]
    public async Task A_full_file_refuses_with_quota_exceeded_and_heals_when_messages_leave()
    {
        await using var broker = await KestrelBroker.StartAsync(
            server => server.ServerSessionItems["MQTTnet.Server.SessionFileBytesMax"] = 1024L * 1024,
            sessionFile: File);
        using (var away = await OpenAsync(broker.Port, Connect5("away", flags: 0, properties: Expiry)))
        {
            await away.SendAsync(Packet(0x82, UInt16(1), 0, "t", 1));
            await away.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            await away.SendAsync([0xE0, 0]);
            await away.ExpectClosedAsync();
        }
        using var writer = await OpenAsync(broker.Port, Connect5("writer"));
        var kept = 0;
        while (kept < 100)
        {
            await writer.SendAsync(Packet(0x32, "t", UInt16(1), 0, new byte[50_000]));
            var answer = await writer.ReadAsync();
            if (answer is not [0x40, 2, ..])
            {
                Assert.Equal(Hex(Packet(0x40, UInt16(1), 0x97)), Hex(answer));
                break;
            }
            kept++;
        }
        Assert.InRange(kept, 10, 21);
        // A message that nobody keeps is none of the file's business; nor does a 3.1.1 client get a false PUBACK.
        await writer.SendAsync(Packet(0x32, "other", UInt16(2), 0, new byte[50_000]));
        await writer.ExpectAsync(Packet(0x40, UInt16(2), 0x10));
        using var old = await OpenAsync(broker.Port, Connect4("old"));
        await old.SendAsync(Packet(0x32, "t", UInt16(1), new byte[50_000]));
        await old.ExpectClosedAsync();
        using var back = await OpenAsync(broker.Port, Connect5("away", flags: 0, properties: Expiry));
        for (var i = 0; i < kept; i++)
            await back.SendAsync(Packet(0x40, (await back.ReadAsync())[7..9]));
        await back.ExpectNothingAsync();
        await writer.SendAsync(Packet(0x32, "t", UInt16(3), 0, new byte[50_000]));
        await writer.ExpectAsync(Packet(0x40, UInt16(3)));
        Assert.Contains(broker.Log, line => line.Contains("cannot be written", StringComparison.Ordinal));
        Assert.InRange(new FileInfo(File).Length, 0, 1024 * 1024);
    }
}
