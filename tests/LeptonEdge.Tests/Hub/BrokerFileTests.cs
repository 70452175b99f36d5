using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Hub;

/// <summary>What the embedded broker keeps over a restart of the hub.</summary>
public sealed class BrokerFileTests : IAsyncLifetime
{
    private const string Topic = "lepton/plant-7/edge-kept/down/command";

    private readonly HubUnderTest _hub = new();

    public Task InitializeAsync() => _hub.InitializeAsync();

    public Task DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task A_restart_of_the_hub_keeps_the_messages_of_a_client_that_is_away()
    {
        using (var device = await ConnectAsync("plant-7/edge-kept", _hub.Device("edge-kept")))
        {
            await device.SubscribeAsync("lepton/plant-7/edge-kept/down/#", MqttQualityOfServiceLevel.ExactlyOnce);
            await device.DisconnectAsync();
        }
        var authority = _hub.Server.Services.GetRequiredService<FleetAuthority>();
        using (var sender = await ConnectAsync("hub-test", authority.HubCertificate))
        {
            foreach (var qos in new[] { MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.ExactlyOnce })
                Assert.True((await sender.PublishStringAsync(Topic, $"{qos}", qos)).IsSuccess);
        }
        await _hub.StopAsync();
        Assert.True(File.Exists(Path.Combine(_hub.DataFolder, "broker.db")));
        await _hub.StartAsync();
        var received = new ConcurrentQueue<string>();
        using var back = new MqttClientFactory().CreateMqttClient();
        back.ApplicationMessageReceivedAsync += args =>
        {
            if (args.ApplicationMessage.Topic == Topic)
                received.Enqueue(args.ApplicationMessage.ConvertPayloadToString()!);
            return Task.CompletedTask;
        };
        var result = await back.ConnectAsync(Options("plant-7/edge-kept", _hub.Device("edge-kept")));
        Assert.True(result.IsSessionPresent);
        await Eventually.True(() => received.Count == 2, "both messages come");
        Assert.Equal(["AtLeastOnce", "ExactlyOnce"], received);
    }

    private async Task<IMqttClient> ConnectAsync(string clientId, X509Certificate2 certificate)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var result = await client.ConnectAsync(Options(clientId, certificate));
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    private MqttClientOptions Options(string clientId, X509Certificate2 certificate) => new MqttClientOptionsBuilder()
        .WithTcpServer("localhost", _hub.Server.Ports.Mqtt).WithClientId(clientId)
        .WithCleanStart(false).WithSessionExpiryInterval(600)
        .WithTlsOptions(tls => tls.WithTrustChain([_hub.Authority]).WithClientCertificates([certificate])
            .WithRevocationMode(X509RevocationMode.NoCheck))
        .Build();
}
