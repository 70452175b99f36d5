using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Tests.Agent.Offload;

/// <summary>An inference server over mutual TLS whose manners a test decides.</summary>
internal sealed class ScriptedHub : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly bool _ownsAuthority;
    private WebApplication? _app;
    private int _asked;

    /// <param name="fleet">Another hub of the same fleet; null for a fleet of its own.</param>
    public ScriptedHub(ScriptedHub? fleet = null)
    {
        _ownsAuthority = fleet is null;
        Authority = fleet?.Authority ?? FleetAuthority.OpenOrCreate(_folder.File("hub"), new TenantId("acme"));
        Authority.IssueDevice(new DeviceId("edge-press"), _folder.File("device"));
        DeviceCertificate = X509Certificate2.CreateFromPemFile(
            _folder.File("device/device.crt"), _folder.File("device/device.key"));
    }

    public FleetAuthority Authority { get; }

    public X509Certificate2 DeviceCertificate { get; }

    public Uri Address { get; private set; } = new("https://127.0.0.1:1");

    /// <summary>What a window meets before it is answered.</summary>
    public Func<ServerCallContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>What it answers: logits that say "ball" beyond doubt, so that the hub's answer is told from the
    /// device's.</summary>
    public Func<ModelInferRequest, float[]> Answer { get; set; } = _ => [0, 0, 20, 0];

    /// <summary>The models that it has loaded.</summary>
    public Func<string, bool> IsReady { get; set; } = static name => name == "bearing-fault";

    public ModelInferRequest? LastRequest { get; private set; }

    public int Asked => Volatile.Read(ref _asked);

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, Address.Port == 1 ? 0 : Address.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = Authority.HubCertificate;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => Authority.Issued(certificate);
            });
        }));
        builder.Services.AddSingleton(this);
        builder.Services.AddGrpc();
        _app = builder.Build();
        _app.MapGrpcService<Service>();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
    }

    public async Task StopAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        DeviceCertificate.Dispose();
        if (_ownsAuthority)
            Authority.Dispose();
        _folder.Dispose();
    }

    private sealed class Service(ScriptedHub hub) : GRPCInferenceService.GRPCInferenceServiceBase
    {
        public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
            Task.FromResult(new ServerLiveResponse { Live = true });

        public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
            Task.FromResult(new ModelReadyResponse { Ready = hub.IsReady(request.Name) });

        public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
        {
            hub.LastRequest = request;
            Interlocked.Increment(ref hub._asked);
            await hub.Before(context);
            var logits = hub.Answer(request);
            var reply = new ModelInferResponse { ModelName = request.ModelName, Id = request.Id };
            reply.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = "output", Datatype =
                "FP32", Shape = { 1, 4 } });
            reply.RawOutputContents.Add(ByteString.CopyFrom(MemoryMarshal.AsBytes(logits.AsSpan())));
            return reply;
        }
    }
}
