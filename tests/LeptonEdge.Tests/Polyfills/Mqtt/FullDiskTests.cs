using System.Text;
using LeptonEdge.Tests.Support;
using static LeptonEdge.Tests.Polyfills.Mqtt.Wire;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The session file on a disk that is really full: refusals, no end, and recovery by itself.</summary>
public sealed class FullDiskTests
{
    private static readonly byte[] Expiry = Properties(17, UInt32(600));

    [SmallDiskFact]
    public async Task A_full_disk_refuses_kept_messages_serves_all_others_and_heals()
    {
        using var disk = new SmallDisk(24);
        var port = Peer.FreePort();
        var sent = new List<string>();
        using (var broker = await BrokerProcess.StartAsync(port, disk.File("broker.db")))
        {
            using var away = await OpenAsync(port, Connect5("away", flags: 0, properties: Expiry));
            await away.SendAsync(Packet(0x82, UInt16(1), 0, "t/#", 1));
            await away.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            using var writer = await OpenAsync(port, Connect5("writer"));
            await FillAsync(writer, sent);
            // What nobody keeps passes; a new kept session is refused as well.
            using var brief = await OpenAsync(port, Connect5("brief"));
            await brief.SendAsync(Packet(0x82, UInt16(1), 0, "live", 1), Packet(0x32, "live", UInt16(2), 0, 1));
            await brief.ExpectAsync(Packet(0x90, UInt16(1), 0, 1));
            await brief.ExpectWithAsync(0x40, 1);
            var ballast = disk.FillUp();
            for (var i = 0; i < sent.Count / 2; i++)
                await TakeAsync(away, sent[i]);
            // All its acknowledgements have arrived when this is answered.
            await away.SendAsync([0xC0, 0]);
            await away.ExpectWithAsync(0xD0, 1);
            // Room is given back from outside, too.
            ballast.Dispose();
            await Eventually.True(
                async () => await TryPublishAsync(writer, "t/after", sent), "messages are kept again");
            await broker.KillAsync();
            sent.RemoveRange(0, (sent.Count - 1) / 2);
        }
        using var again = await BrokerProcess.StartAsync(port, disk.File("broker.db"));
        using var back = await OpenAsync(port, Connect5("away", flags: 0, properties: Expiry));
        foreach (var topic in sent)
            await TakeAsync(back, topic);
        await back.ExpectNothingAsync();
    }

    private static async Task FillAsync(Wire writer, List<string> sent)
    {
        while (await TryPublishAsync(writer, $"t/{sent.Count:D3}", sent))
            Assert.InRange(sent.Count, 0, 200);
        Assert.InRange(sent.Count, 10, 200);
    }

    private static async Task<bool> TryPublishAsync(Wire writer, string topic, List<string> sent)
    {
        await writer.SendAsync(Packet(0x32, topic, UInt16(1), 0, new byte[200_000]));
        var answer = await writer.ReadAsync();
        Assert.True(answer is [0x40, 2, ..] or [0x40, 3, 0, 1, 0x97], Hex(answer));
        if (answer[1] == 3)
            return false;
        sent.Add(topic);
        return true;
    }

    private static async Task TakeAsync(Wire reader, string topic)
    {
        var packet = await reader.ReadAsync();
        var at = Array.IndexOf(packet, (byte)'t');
        Assert.Equal(topic, Encoding.UTF8.GetString(packet, at, topic.Length));
        await reader.SendAsync(Packet(0x40, packet[(at + topic.Length)..(at + topic.Length + 2)]));
    }
}
