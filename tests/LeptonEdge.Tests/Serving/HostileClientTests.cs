using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving;

/// <summary>Whatever one device does to the hub, another one's calls are answered within their deadline.</summary>
public sealed class HostileClientTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    private const string Infer = "/inference.GRPCInferenceService/ModelInfer";
    private const int Streams = 100;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Requests_that_stop_halfway_cost_no_one_a_deadline()
    {
        var body = await FramedAsync();
        using var stalled = await ConnectAsync("edge-stall");
        await stalled.CallAsync(Streams / 2, body[..3], ends: false);
        await stalled.CallAsync(Streams / 2, body[..^1], ends: false);
        await stalled.PingAsync();
        using var handshakes = new Connections();
        for (var i = 0; i < Streams; i++)
            await handshakes.AddAsync(hub.Https.Port);
        await CallAllAsync();
        Assert.DoesNotContain("0", stalled.Statuses);
    }

    [Fact]
    public async Task Calls_beyond_a_device_s_share_are_refused_unread_and_those_of_others_are_not()
    {
        var body = await FramedAsync();
        using var first = await ConnectAsync("edge-many");
        await first.CallAsync(Streams, body[..^1], ends: false);
        await first.PingAsync();
        using var second = await ConnectAsync("edge-many");
        await second.CallAsync(Streams, body[..^1], ends: false);
        // 128 may be under way.
        await second.ReadAsync(statuses: 2 * Streams - 128);
        Assert.All(second.Statuses, status => Assert.Equal("8", status));
        await CallAllAsync();
        first.Break();
        second.Break();
        using var third = await ConnectAsync("edge-many");
        await Eventually.True(
            async () =>
            {
                await third.CallAsync(1, body, ends: true);
                await third.ReadAsync(third.Statuses.Count + 1);
                return third.Statuses[^1] == "0";
            },
            "what the broken connections held is free again");
    }

    [Fact]
    public async Task Connections_beyond_a_device_s_share_are_ended_and_those_of_others_are_not()
    {
        var held = new List<RudeClient>();
        try
        {
            var refused = 0;
            while (refused == 0 && held.Count < 200)
            {
                try
                {
                    held.Add(await ConnectAsync("edge-wide"));
                    await held[^1].PingAsync();
                }
                catch (IOException)
                {
                    refused++;
                }
            }

            Assert.Equal(1, refused);
            Assert.InRange(held.Count, 16, 128);
            await CallAllAsync();
        }
        finally
        {
            held.ForEach(client => client.Dispose());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_flood_for_one_model_costs_no_one_a_deadline(int priority)
    {
        using var enough = new CancellationTokenSource();
        var (answered, refused) = (0, 0);
        var request = await RequestAsync(rows: 16);
        request.Parameters["priority"] = new InferParameter { Int64Param = priority };
        var floods = Enumerable.Range(0, 4).Select(_ => Channel("edge-flood")).ToList();
        var calls = Enumerable.Range(0, 160).Select(i => FloodAsync(Client(floods[i % floods.Count]))).ToList();
        try
        {
            await Eventually.True(() => answered > 20 && refused > 20, "the flood fills the queue");
            await CallAllAsync();
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(calls);
            floods.ForEach(channel => channel.Dispose());
        }

        async Task FloodAsync(GRPCInferenceService.GRPCInferenceServiceClient client)
        {
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    await client.ModelInferAsync(request);
                    Interlocked.Increment(ref answered);
                }
                catch (RpcException fault) when (fault.StatusCode == StatusCode.ResourceExhausted)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }
    }

    [Fact]
    public async Task Connections_that_break_midway_cost_no_one_a_deadline_and_leave_nothing_behind()
    {
        var body = await FramedAsync();
        using var enough = new CancellationTokenSource();
        var breaking = BreakAsync();
        try
        {
            await CallAllAsync();
        }
        finally
        {
            await enough.CancelAsync();
            Assert.True(await breaking > 0);
        }

        using var http = hub.Client();
        await Eventually.True(
            async () => (await http.GetStringAsync("/metrics")).Contains("\nlepton_hub_inference_inside 0\n"),
            "nobody is left in the queue");

        async Task<int> BreakAsync()
        {
            var broken = 0;
            for (; !enough.IsCancellationRequested; broken++)
            {
                using var client = await ConnectAsync("edge-break");
                await client.CallAsync(Streams / 2, body, ends: true);
                await client.CallAsync(Streams / 2, body[..^1], ends: false);
                if (broken % 2 == 0)
                    await client.ResetAsync(Streams);
                client.Break();
            }

            return broken;
        }
    }

    [Fact]
    public async Task Answers_that_nobody_reads_cost_no_one_a_deadline()
    {
        var body = await FramedAsync();
        // One lets no answer come, one lets all come and reads none.
        using var shut = await ConnectAsync("edge-slow", window: 0);
        using var deaf = await ConnectAsync("edge-slow");
        await shut.CallAsync(Streams, body, ends: true);
        await shut.PingAsync();
        await deaf.CallAsync(Streams, body, ends: true);
        await CallAllAsync();
    }

    /// <summary>Connections on which not even TLS begins.</summary>
    private sealed class Connections : IDisposable
    {
        private readonly List<TcpClient> _all = [];

        public Task AddAsync(int port)
        {
            _all.Add(new TcpClient());
            return _all[^1].ConnectAsync(IPAddress.Loopback, port);
        }

        public void Dispose() => _all.ForEach(connection => connection.Dispose());
    }

    private async Task CallAllAsync(int calls = 100)
    {
        using var channel = Channel("edge-calm");
        var (client, request) = (Client(channel), await RequestAsync(rows: 1));
        for (var i = 0; i < calls; i++)
        {
            var answer = await client.ModelInferAsync(
                request, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + s_deadline);
            Assert.Equal(1, answer.Outputs[0].Shape[0]);
        }
    }

    private Task<RudeClient> ConnectAsync(string device, int window = Http2Bytes.Window) =>
        RudeClient.ConnectAsync(hub.Https, hub.Device(device), Infer, window);

    private GrpcChannel Channel(string device) => GrpcChannel.ForAddress(
        hub.Https, new GrpcChannelOptions { HttpHandler = hub.TlsHandler(hub.Device(device)) });

    private static GRPCInferenceService.GRPCInferenceServiceClient Client(GrpcChannel channel) => new(channel);

    /// <summary>A request in gRPC's framing.</summary>
    private async Task<byte[]> FramedAsync()
    {
        var message = (await RequestAsync(rows: 1)).ToByteArray();
        return [0, .. Http2Bytes.Number(message.Length), .. message];
    }

    private async Task<ModelInferRequest> RequestAsync(int rows)
    {
        const string Model = "bearing-fault";
        using var channel = Channel("edge-calm");
        var model = await Client(channel).ModelMetadataAsync(new ModelMetadataRequest { Name = Model });
        var width = (int)model.Inputs[0].Shape[1];
        return new ModelInferRequest
        {
            ModelName = Model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = model.Inputs[0].Name, Datatype = "FP32", Shape = { rows, width },
                },
            },
            RawInputContents = { ByteString.CopyFrom(new byte[rows * width * sizeof(float)]) },
        };
    }
}
