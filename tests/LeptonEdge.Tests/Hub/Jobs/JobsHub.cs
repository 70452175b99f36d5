using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.DependencyInjection;
using JobsClient = LeptonEdge.Protocol.V1.Jobs.JobsClient;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>A hub whose store holds history, and clients of its jobs.</summary>
public sealed class JobsHub : IAsyncLifetime
{
    public const double RateHz = 12_000;
    public const string Device = "press-7";
    public const string Channel = "drive-end";
    public const string SlowChannel = "drive-end.mean";

    /// <summary>Samples of <see cref="Channel"/>: long enough that a job over it can be met midway.</summary>
    public const int Samples = 150_000;

    private readonly List<GrpcChannel> _channels = [];
    private ulong _sequence;

    public JobsHub()
        : this(new JobsOptions())
    {
    }

    internal JobsHub(JobsOptions options) => Hub = new HubUnderTest { Jobs = options };

    public HubUnderTest Hub { get; }

    public HubStore Store => Hub.Server.Services.GetRequiredService<HubStore>();

    public JobsClient Operator => Client(Hub.Token, device: false);

    public JobsClient Stranger => Client(null, device: false);

    public JobsClient AsDevice => Client(null, device: true);

    public async Task InitializeAsync()
    {
        await Hub.InitializeAsync();
        Ingest(Device, Channel, MadeSamples(Samples));
        Ingest(Device, SlowChannel, MadeSamples(2_000), rateHz: 1);
    }

    public async Task DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        await Hub.DisposeAsync();
    }

    /// <summary>A hum and noise, always the same.</summary>
    public static float[] MadeSamples(int count)
    {
        var random = new Random(7);
        var samples = new float[count];
        for (var i = 0; i < count; i++)
            samples[i] = (float)((0.3 * Math.Sin(i * 0.05)) + (0.2 * (random.NextDouble() - 0.5)));
        return samples;
    }

    /// <summary>Device time of a sample of a history that began at 0 seconds.</summary>
    public static long TimeOf(int index, double rateHz = RateHz) => (long)Math.Round(index * 1e6 / rateHz);

    /// <summary>Stores samples as a device would have sent them.</summary>
    public void Ingest(string device, string channel, float[] samples, double rateHz = RateHz, int skip = 0)
    {
        const int InBatch = 20_000;
        for (var at = 0; at < samples.Length; at += InBatch)
        {
            var batch = new RecordBatch(RecordClass.Telemetry);
            for (var i = at; i < Math.Min(at + InBatch, samples.Length); i++)
                batch.AddReading(new ChannelName(channel), TimeOf(skip + i, rateHz), samples[i]);
            Ingest(device, batch);
        }
    }

    public void Ingest(string device, RecordBatch batch)
    {
        _sequence++;
        var header = new BatchHeader(
            new DeviceId(device), 1000 + _sequence, 1, 1, batch.Class, batch.Count, CreatedMicros: 1);
        Assert.IsType<IngestOutcome.Stored>(Store.Ingest(HubUnderTest.Tenant, header, batch, sealedBytes: 100));
    }

    public static SubmitJobRequest Rescore(
        string model = "bearing-fault", string channel = Channel, string device = Device, uint hop = 0,
        double deadline = 0, HistorySource source = HistorySource.Any) => new()
        {
            Rescore = new RescoreJob
            {
                Device = device, Channel = channel, Model = model, Hop = hop, Source = source,
            },
            DeadlineSeconds = deadline,
        };

    /// <summary>Follows a job to its end.</summary>
    public static async Task<List<Job>> FollowAsync(JobsClient client, long id)
    {
        var told = new List<Job>();
        using var watch = client.Watch(
            new JobReference { Id = id }, new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime
                + TimeSpan.FromMinutes(1)));
        while (await watch.ResponseStream.MoveNext(CancellationToken.None))
            told.Add(watch.ResponseStream.Current);
        return told;
    }

    public static async Task<List<JobResultPart>> ResultAsync(
        JobsClient client, long id, uint first = 0, uint max = 0)
    {
        var parts = new List<JobResultPart>();
        using var call = client.Result(new JobResultRequest { Id = id, FirstPart = first, PartsMax = max });
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
            parts.Add(call.ResponseStream.Current);
        return parts;
    }

    private JobsClient Client(string? token, bool device)
    {
        HttpMessageHandler handler = Hub.TlsHandler(device ? Hub.Device("edge-jobs") : null);
        if (token is not null)
            handler = new TokenHandler(token, handler);
        var channel = GrpcChannel.ForAddress(Hub.Https, new GrpcChannelOptions { HttpHandler = handler });
        _channels.Add(channel);
        return new JobsClient(channel.CreateCallInvoker());
    }

    /// <summary>Sends the operator's token with each call.</summary>
    private sealed class TokenHandler(string token, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
