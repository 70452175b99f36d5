using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using JobsClient = LeptonEdge.Protocol.V1.Jobs.JobsClient;

namespace LeptonEdge.Benchmarks.Jobs;

/// <summary>The real hub as a process of its own, with a channel's history in its store.</summary>
internal sealed class JobsHubProcess : IAsyncDisposable
{
    public const string Device = "press-7";
    public const string Channel = "drive-end";
    private const int RateHz = 12_000;
    private const int ReadingsPerBatch = 60_000;

    private readonly HubProcess _hub;
    private readonly DirectoryInfo _folder;
    private readonly GrpcChannel _channel;

    private JobsHubProcess(HubProcess hub, DirectoryInfo folder) =>
        (_hub, _folder, _channel) = (hub, folder, Connect(hub));

    public JobsClient Jobs => new(_channel.CreateCallInvoker());

    public GRPCInferenceService.GRPCInferenceServiceClient Inference => new(_channel.CreateCallInvoker());

    /// <param name="readings">Of the history, at 12,000 samples/s.</param>
    public static async Task<JobsHubProcess> StartAsync(int readings)
    {
        var folder = Directory.CreateTempSubdirectory("jobs-");
        try
        {
            Fill(Directory.CreateDirectory(HubProcess.DataIn(folder.FullName)).FullName, readings);
            var models = $"models_dir: {Path.Combine(AgentProcess.Shipped, "models")}";
            return new JobsHubProcess(await HubProcess.StartAsync(folder.FullName, models), folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _hub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static void Fill(string data, int readings)
    {
        using var store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(data, "hub.db") }, TimeProvider.System);
        var (random, channel) = (new Random(7), new ChannelName(Channel));
        for (var (at, sequence) = (0, 1ul); at < readings; at += ReadingsPerBatch, sequence++)
        {
            var batch = new RecordBatch(RecordClass.Telemetry);
            for (var i = at; i < Math.Min(at + ReadingsPerBatch, readings); i++)
            {
                // A vibration in g, as fine as a 16-bit sensor tells it.
                var value = (0.3 * Math.Sin(i * 0.05)) + (0.2 * (random.NextDouble() - 0.5));
                batch.AddReading(channel, (long)Math.Round(i * 1e6 / RateHz), Math.Round(value * 32768) / 32768);
            }

            var header = new BatchHeader(
                new DeviceId(Device), 1, sequence, sequence, batch.Class, batch.Count, CreatedMicros: 1);
            store.Ingest(new TenantId(HubProcess.Tenant), header, batch, sealedBytes: 1);
        }
    }

    private static GrpcChannel Connect(HubProcess hub)
    {
        var tls = new SocketsHttpHandler();
        tls.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Path.Combine(hub.Data, "ca", "ca.crt")) },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        return GrpcChannel.ForAddress(
            $"https://localhost:{hub.Https}",
            new GrpcChannelOptions { HttpHandler = new TokenHandler(hub.Token, tls) });
    }

    /// <summary>Sends the operator's token with each call.</summary>
    private sealed class TokenHandler(string token, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private readonly AuthenticationHeaderValue _value = new("Bearer", token);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = _value;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
