using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Sync;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Gateway;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Hub;

/// <summary>What a certificate lets its holder do at the embedded broker.</summary>
public sealed class BrokerRightsTests(HubUnderTest hub) : IClassFixture<HubUnderTest>
{
    [Theory]
    [InlineData("lepton/plant-7/edge-a/up/telemetry", true)]
    [InlineData("lepton/plant-7/edge-a/up/reported", true)]
    [InlineData("lepton/plant-7/edge-a/up/log", true)]
    [InlineData("lepton/plant-7/edge-b/up/log", false)]
    [InlineData("lepton/plant-7/edge-a/down/desired", false)]
    [InlineData("lepton/plant-7/edge-b/up/telemetry", false)]
    [InlineData("lepton/plant-8/edge-a/up/telemetry", false)]
    [InlineData("lepton/plant-7/edge-ab/up/telemetry", false)]
    [InlineData("elsewhere", false)]
    public async Task A_device_publishes_below_its_own_up_alone(string topic, bool allowed)
    {
        using var client = await ConnectAsync("edge-a");
        var result = await client.PublishAsync(Message(topic));
        Assert.Equal(!allowed, result.ReasonCode == MqttClientPublishReasonCode.NotAuthorized);
    }

    [Theory]
    [InlineData("lepton/plant-7/edge-a/down/#", true)]
    [InlineData("lepton/plant-7/edge-a/down/receipt", true)]
    [InlineData("lepton/plant-7/edge-a/up/#", false)]
    [InlineData("lepton/plant-7/edge-b/down/#", false)]
    [InlineData("lepton/plant-7/+/down/#", false)]
    [InlineData("lepton/#", false)]
    [InlineData("#", false)]
    [InlineData("$share/hub/lepton/+/+/up/#", false)]
    [InlineData("$share/g/lepton/plant-7/edge-a/down/#", false)]
    [InlineData("$SYS/#", false)]
    public async Task A_device_subscribes_below_its_own_down_alone(string filter, bool allowed)
    {
        using var client = await ConnectAsync("edge-a");
        var result =
            await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter).Build());
        var code = Assert.Single(result.Items).ResultCode;
        Assert.Equal(!allowed, code == MqttClientSubscribeResultCode.NotAuthorized);
    }

    [Fact]
    public async Task A_device_cannot_plant_a_retained_message()
    {
        using var client = await ConnectAsync("edge-a");
        var message = Message("lepton/plant-7/edge-a/up/telemetry");
        message.Retain = true;
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await client.PublishAsync(message)).ReasonCode);
    }

    [Theory]
    [InlineData("plant-7/edge-b")]
    [InlineData("edge-a")]
    [InlineData("hub-0")]
    [InlineData("")]
    public async Task A_client_id_that_is_not_the_devices_own_is_refused(string clientId)
    {
        Assert.NotEqual(MqttClientConnectResultCode.Success, await TryConnectAsync(hub.Device("edge-a"), clientId));
        Assert.Equal(
            MqttClientConnectResultCode.Success, await TryConnectAsync(hub.Device("edge-a"), "plant-7/edge-a"));
    }

    [Fact]
    public async Task No_certificate_and_a_strangers_certificate_do_not_get_in()
    {
        using var folder = new TempFolder();
        using var stranger = FleetAuthority.OpenOrCreate(folder.Path, HubUnderTest.Tenant);
        stranger.IssueDevice(new DeviceId("edge-a"), folder.Path);
        using var certificate =
            X509Certificate2.CreateFromPemFile(folder.File("device.crt"), folder.File("device.key"));
        await Assert.ThrowsAnyAsync<Exception>(() => TryConnectAsync(certificate, "plant-7/edge-a"));
        await Assert.ThrowsAnyAsync<Exception>(() => TryConnectAsync(null, "plant-7/edge-a"));
    }

    [Fact]
    public async Task A_last_will_has_no_more_rights_than_its_device()
    {
        using var victim = await ConnectAsync("edge-b");
        var received = 0;
        victim.ApplicationMessageReceivedAsync += args =>
        {
            Interlocked.Increment(ref received);
            return Task.CompletedTask;
        };
        await victim.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("lepton/plant-7/edge-b/down/#").Build());
        using (var attacker = new MqttClientFactory().CreateMqttClient())
        {
            await attacker.ConnectAsync(Options(hub.Device("edge-a"), "plant-7/edge-a")
                .WithWillTopic("lepton/plant-7/edge-b/down/command").WithWillPayload([1]).Build());
            await attacker.DisconnectAsync(new MqttClientDisconnectOptions
            {
                Reason = MqttClientDisconnectOptionsReason.DisconnectWithWillMessage,
            });
        }

        // The hub may speak to the device: its message arrives, and would have arrived behind the will.
        await hub.Server.Services.GetHubLink()
            .SendCommandAsync(HubUnderTest.Tenant, new DeviceId("edge-b"), new() { Id = "1" });
        await Eventually.True(() => Volatile.Read(ref received) > 0, "the hub's own message arrives");
        Assert.Equal(1, received);
    }

    [Fact]
    public void Each_role_has_client_ids_of_its_own()
    {
        var device = new FleetIdentity(FleetRole.Device, HubUnderTest.Tenant, "edge-a");
        var master = new FleetIdentity(FleetRole.Hub, HubUnderTest.Tenant, "hub");
        Assert.True(BrokerRights.MayUseClientId(device, "plant-7/edge-a"));
        Assert.True(BrokerRights.MayUseClientId(master, "hub-0"));
        Assert.False(BrokerRights.MayUseClientId(master, "plant-7/edge-a"));
        Assert.False(BrokerRights.MayUseClientId(master, ""));
    }

    private static MqttApplicationMessage Message(string topic) => new MqttApplicationMessageBuilder()
        .WithTopic(topic).WithPayload([0]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();

    private async Task<IMqttClient> ConnectAsync(string device)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(Options(hub.Device(device), $"plant-7/{device}").Build());
        return client;
    }

    private async Task<MqttClientConnectResultCode> TryConnectAsync(X509Certificate2? certificate, string clientId)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        return (await client.ConnectAsync(Options(certificate, clientId).Build())).ResultCode;
    }

    private MqttClientOptionsBuilder Options(X509Certificate2? certificate, string clientId) =>
        new MqttClientOptionsBuilder()
        .WithTcpServer("127.0.0.1", hub.Server.Ports.Mqtt)
        .WithProtocolVersion(MqttProtocolVersion.V500)
        .WithClientId(clientId)
        .WithTlsOptions(tls =>
        {
            tls.UseTls().WithSslProtocols(SslProtocols.Tls13).WithCertificateValidationHandler(_ => true);
            if (certificate is not null)
                tls.WithClientCertificates(new X509Certificate2Collection(certificate));
        });
}

internal static class HubServices
{
    public static LeptonEdge.Sync.Hubs.HubLink GetHubLink(this IServiceProvider services) =>
        (LeptonEdge.Sync.Hubs.HubLink)services.GetService(typeof(LeptonEdge.Sync.Hubs.HubLink))!;
}
