using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Benchmarks.Offload;

/// <summary>One connection that always has so many requests under way, the next as soon as one is answered. It speaks
/// just enough HTTP/2 to be cheap: on a machine of few cores a client takes from the server what it needs
/// itself.</summary>
internal sealed class Http2Load : IDisposable
{
    private const int Slots = 1 << 16;
    private const int WindowStep = 1 << 20;

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _block;
    private readonly byte[] _body;
    private readonly bool _isStream;
    private readonly byte[] _input = new byte[1 << 20];
    private readonly byte[] _output = new byte[1 << 20];
    private readonly int[] _replyBytes = new int[Slots];
    private int _inputEnd;
    private int _outputEnd;
    private int _stream = -1;
    private long _window = 65_535;
    private int _consumed;
    private int _toSend;
    private int _replySize;
    private int _streamBytes;

    /// <param name="body">One message in gRPC's framing.</param>
    /// <param name="isStream">All messages travel in one call; else each is a call of its own.</param>
    public Http2Load(IPEndPoint server, string path, byte[] body, bool isStream)
    {
        (_body, _isStream) = (body, isStream);
        _block = Http2Bytes.RequestBlock(server.ToString(), path);
        _socket.Connect(server);
        _socket.Send(Http2Bytes.Opening());
    }

    /// <summary>Replies that have come.</summary>
    public int Replies { get; private set; }

    /// <summary>Keeps requests under way until told to stop, and waits for the last replies.</summary>
    /// <param name="each">Told of each reply; null where nobody asks.</param>
    /// <exception cref="BenchmarkException">A reply was none.</exception>
    public void Run(int inFlight, Func<bool> isOver, Action? each = null)
    {
        var underWay = inFlight;
        _toSend = inFlight;
        while (underWay > 0)
        {
            Send();
            var before = Replies;
            Receive(each);
            var answered = Replies - before;
            if (answered > 0 && isOver())
                underWay -= answered;
            else
                _toSend += answered;
        }

        if (_isStream)
            End();
    }

    public void Dispose() => _socket.Dispose();

    private void Send()
    {
        var room = 64 + _block.Length + _body.Length;
        for (; _toSend > 0 && _window >= _body.Length && _output.Length - _outputEnd > room; _toSend--)
        {
            if (!_isStream || _stream < 0)
            {
                _stream += 2;
                _replyBytes[_stream / 2 % Slots] = 0;
                Write(Http2Bytes.Headers, Http2Bytes.EndHeaders, _stream, _block);
            }

            Write(Http2Bytes.Data, _isStream ? (byte)0 : Http2Bytes.EndStream, _stream, _body);
            _window -= _body.Length;
        }

        for (var sent = 0; sent < _outputEnd;)
            sent += _socket.Send(_output.AsSpan(sent, _outputEnd - sent));
        _outputEnd = 0;
    }

    private void End()
    {
        Write(Http2Bytes.Data, Http2Bytes.EndStream, _stream, []);
        Send();
    }

    private void Receive(Action? each)
    {
        var read = _socket.Receive(_input.AsSpan(_inputEnd));
        if (read == 0)
            throw new BenchmarkException("the server closed the connection");
        _inputEnd += read;
        var at = 0;
        while (_inputEnd - at >= Http2Bytes.FrameHeader)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(_input.AsSpan(at)) >>> 8;
            if (_inputEnd - at - Http2Bytes.FrameHeader < length)
                break;
            var header = _input.AsSpan(at, Http2Bytes.FrameHeader);
            var stream = BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue;
            Take(header[3], header[4], stream, _input.AsSpan(at + Http2Bytes.FrameHeader, length), each);
            at += Http2Bytes.FrameHeader + length;
        }

        _input.AsSpan(at, _inputEnd - at).CopyTo(_input);
        _inputEnd -= at;
    }

    private void Take(byte type, byte flags, int stream, ReadOnlySpan<byte> payload, Action? each)
    {
        switch (type)
        {
            case Http2Bytes.Data:
                TakeData(stream, payload, each);
                break;
            case Http2Bytes.Headers when Http2Bytes.StatusIn(payload) is { } status and not "0":
                throw new BenchmarkException($"the server answered with status {status}");
            case Http2Bytes.Settings when (flags & Http2Bytes.Ack) == 0:
                Write(Http2Bytes.Settings, Http2Bytes.Ack, 0, []);
                break;
            case Http2Bytes.Ping when (flags & Http2Bytes.Ack) == 0:
                Write(Http2Bytes.Ping, Http2Bytes.Ack, 0, payload);
                break;
            case Http2Bytes.WindowUpdate when stream == 0:
                _window += BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
            case Http2Bytes.Reset or Http2Bytes.GoAway:
                throw new BenchmarkException($"the server ended stream {stream} with a frame of type {type}");
        }

        if (_isStream || (flags & Http2Bytes.EndStream) == 0 || type is not (Http2Bytes.Data or Http2Bytes.Headers))
            return;
        if (_replyBytes[stream / 2 % Slots] == 0)
            throw new BenchmarkException("the server answered with nothing");
        Count(each);
    }

    private void TakeData(int stream, ReadOnlySpan<byte> payload, Action? each)
    {
        if ((_consumed += payload.Length) >= WindowStep)
        {
            Write(Http2Bytes.WindowUpdate, 0, 0, Http2Bytes.Number(_consumed));
            if (_isStream)
                Write(Http2Bytes.WindowUpdate, 0, stream, Http2Bytes.Number(_consumed));
            _consumed = 0;
        }

        if (!_isStream)
        {
            _replyBytes[stream / 2 % Slots] += payload.Length;
            return;
        }

        // All replies are of one size: the first says which.
        _streamBytes += payload.Length;
        if (_replySize == 0)
            _replySize = 5 + BinaryPrimitives.ReadInt32BigEndian(payload[1..]);
        for (; _streamBytes >= _replySize; _streamBytes -= _replySize)
            Count(each);
    }

    private void Count(Action? each)
    {
        Replies++;
        each?.Invoke();
    }

    private void Write(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Http2Bytes.WriteHeader(_output.AsSpan(_outputEnd), payload.Length, type, flags, stream);
        payload.CopyTo(_output.AsSpan(_outputEnd + Http2Bytes.FrameHeader));
        _outputEnd += Http2Bytes.FrameHeader + payload.Length;
    }

    /// <summary>Loads a server over some connections, so many requests under way in all.</summary>
    public static LoadFigures Measure(
        IPEndPoint server, string path, byte[] body, int connections, int inFlight, bool isStream, TimeSpan time)
    {
        var loads = new Http2Load[connections];
        for (var i = 0; i < connections; i++)
            loads[i] = new Http2Load(server, path, body, isStream);
        try
        {
            var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            Exception? fault = null;
            var client = 0L;
            var threads = Array.ConvertAll(loads, load => new Thread(() =>
            {
                try
                {
                    load.Run(inFlight / connections, () => Stopwatch.GetElapsedTime(start) >= time);
                    Interlocked.Add(ref client, OwnNanos());
                }
                catch (Exception e) when (e is BenchmarkException or SocketException)
                {
                    fault = e;
                }
            }) { Name = "load" });
            foreach (var thread in threads)
                thread.Start();
            foreach (var thread in threads)
                thread.Join();
            if (fault is not null)
                throw new BenchmarkException(fault.Message);
            var replies = loads.Sum(load => load.Replies);
            return new LoadFigures(
                replies / Stopwatch.GetElapsedTime(start).TotalSeconds,
                (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / replies, client / 1e3 / replies);
        }
        finally
        {
            foreach (var load in loads)
                load.Dispose();
        }
    }

    // The first number: what this thread has been on a processor.
    private static long OwnNanos() => long.Parse(
        File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Times of single calls, one after the other over one connection, in ticks of the stopwatch.</summary>
    public static long[] Times(IPEndPoint server, string path, byte[] body, int calls)
    {
        using var load = new Http2Load(server, path, body, isStream: false);
        var ticks = new long[calls];
        var at = 0;
        var last = Stopwatch.GetTimestamp();
        load.Run(1, () => at >= ticks.Length, () =>
        {
            var now = Stopwatch.GetTimestamp();
            (ticks[at++], last) = (now - last, now);
        });
        return ticks[(calls / 10)..];
    }
}

/// <param name="PerSecond">Replies.</param>
/// <param name="CpuMicros">Processor time for each, of server and client together.</param>
/// <param name="ClientMicros">The client's share of it.</param>
internal readonly record struct LoadFigures(double PerSecond, double CpuMicros, double ClientMicros);
