using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LeptonEdge.Benchmarks.Mqtt;

/// <summary>What many silent clients cost the broker.</summary>
internal sealed record IdleRun(double RssMiB, double PssMiB, double KiBPerClient)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"RSS {RssMiB:0.0} MiB, PSS {PssMiB:0.0} MiB, {KiBPerClient:0.0} KiB a client");
}

/// <summary>Clients of a few bytes each: a socket that connected as a device does, has one subscription, and is silent.
/// </summary>
/// <remarks>
/// MQTT 5, keep-alive 600 s, one subscription of QoS 1 to the client's own topic. No collection is forced in the broker;
/// it is measured once its memory has stood still for three seconds. Afterwards one message goes to each of a thousand
/// clients spread over all, and has to arrive.
/// </remarks>
internal sealed class IdleClients : IDisposable
{
    private const int AtOnce = 64;
    private const int Asked = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket[] _sockets;

    private IdleClients(int count) => _sockets = new Socket[count];

    public static async Task<IdleRun> MeasureAsync(OurBroker broker, int count)
    {
        var before = RssMiB(broker.ProcessId);
        using var clients = new IdleClients(count);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) => clients._sockets[i] = await ConnectAsync(broker.Port, i));
        await SettleAsync(broker.ProcessId);
        var (rss, pss) = (RssMiB(broker.ProcessId), MemoryMiB(broker.ProcessId, "Pss:"));
        await clients.ProveAliveAsync(broker.Port);
        return new IdleRun(rss, pss, (rss - before) * 1024 / count);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket?.Dispose();
    }

    private static async Task<Socket> ConnectAsync(int port, int number)
    {
        // A source address for every 10,000: one address has fewer than 30,000 ports to give.
        // Reset when closed: otherwise the next round would find the ports of this one still waiting.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            LingerState = new LingerOption(true, 0),
        };
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + (number / 10_000))]), 0));
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(Connect($"benchmark/device-{number}"));
        await ExpectAsync(socket, 0x20);
        await socket.SendAsync(Subscribe(Topic(number)));
        await ExpectAsync(socket, 0x90);
        return socket;
    }

    private static string Topic(int number) => $"lepton/benchmark/device-{number}/down/#";

    private static byte[] Connect(string clientId)
    {
        byte[] body = [0, 4, .. "MQTT"u8, 5, 2, 600 >> 8, 600 & 0xFF, 0, .. Text(clientId)];
        return [0x10, (byte)body.Length, .. body];
    }

    private static byte[] Subscribe(string filter)
    {
        byte[] body = [0, 1, 0, .. Text(filter), 1];
        return [0x82, (byte)body.Length, .. body];
    }

    private static byte[] Publish(string topic)
    {
        byte[] body = [.. Text(topic), 0, .. "wake up"u8];
        return [0x30, (byte)body.Length, .. body];
    }

    private static byte[] Text(string text)
    {
        var bytes = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(2));
        return bytes;
    }

    /// <summary>Reads one packet (shorter than 128 bytes) and returns its body.</summary>
    private static async Task<byte[]> ExpectAsync(Socket socket, byte first)
    {
        using var limit = new CancellationTokenSource(Patience);
        var head = new byte[2];
        await ReadAsync(socket, head, limit.Token);
        var body = new byte[head[1]];
        await ReadAsync(socket, body, limit.Token);
        return head[0] == first
            ? body
            : throw new BenchmarkException($"the broker sent 0x{head[0]:X2} where 0x{first:X2} was due");
    }

    private static async Task ReadAsync(Socket socket, Memory<byte> into, CancellationToken limit)
    {
        while (into.Length > 0)
        {
            var read = await socket.ReceiveAsync(into, limit);
            if (read == 0)
                throw new BenchmarkException("the broker closed a connection");
            into = into[read..];
        }
    }

    private static async Task SettleAsync(int process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var (last, still) = (0.0, 0);
        for (var seconds = 0; seconds < 60 && still < 3; seconds++)
        {
            await timer.WaitForNextTickAsync();
            var now = RssMiB(process);
            still = Math.Abs(now - last) < 1 ? still + 1 : 0;
            last = now;
        }
    }

    private async Task ProveAliveAsync(int port)
    {
        using var publisher = await ConnectAsync(port, _sockets.Length);
        var step = Math.Max(1, _sockets.Length / Asked);
        for (var i = 0; i < _sockets.Length; i += step)
        {
            var topic = $"lepton/benchmark/device-{i}/down/command";
            await publisher.SendAsync(Publish(topic));
            var body = await ExpectAsync(_sockets[i], 0x30);
            if (!body.AsSpan().StartsWith(Text(topic)) || !body.AsSpan().EndsWith("wake up"u8))
                throw new BenchmarkException($"client {i} received another message than was sent to it");
        }
    }

    private static double RssMiB(int process) => MemoryMiB(process, "Rss:");

    private static double MemoryMiB(int process, string key)
    {
        var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line =>
            line.StartsWith(key, StringComparison.Ordinal));
        return double.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
