using System.Buffers.Text;

namespace LeptonEdge.Benchmarks.Mqtt;

/// <summary>What is published: 100 bytes that begin with their number, so that a loss or a wrong order shows.</summary>
internal static class MqttPayload
{
    public const int Bytes = 100;

    public const string Topic = "lepton/benchmark/edge-press/up/telemetry";

    /// <summary>As long, for mosquitto's pair: our subscriber at the same broker has to stay out of it.</summary>
    public const string PeersTopic = "lepton/benchmark/edge-drill/up/telemetry";

    public static byte[] Make(int number)
    {
        var payload = new byte[Bytes];
        payload.AsSpan().Fill((byte)'x');
        Write(payload, number);
        return payload;
    }

    /// <summary>All messages as mosquitto_pub's lines.</summary>
    public static byte[] Lines(int count)
    {
        var lines = new byte[count * (Bytes + 1)];
        for (var i = 0; i < count; i++)
        {
            var line = lines.AsSpan(i * (Bytes + 1), Bytes + 1);
            line.Fill((byte)'x');
            Write(line, i);
            line[Bytes] = (byte)'\n';
        }

        return lines;
    }

    /// <returns>-1 for what is no payload of ours.</returns>
    public static int Number(ReadOnlySpan<byte> payload) =>
        payload.Length == Bytes && Utf8Parser.TryParse(payload[..8], out int number, out var read) && read == 8
            ? number : -1;

    private static void Write(Span<byte> payload, int number) =>
        Utf8Formatter.TryFormat(number, payload, out _, new System.Buffers.StandardFormat('D', 8));
}
