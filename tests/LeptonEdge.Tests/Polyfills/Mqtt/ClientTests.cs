using System.Collections.Concurrent;
using System.Text;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The client against mosquitto.</summary>
public sealed class ClientTests
{
    private static readonly MqttClientFactory Factory = new();

    private static MqttClientOptionsBuilder Options(int port, MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(version)
            .WithTimeout(TimeSpan.FromSeconds(10));

    private static ConcurrentQueue<MqttApplicationMessage> Collect(IMqttClient client)
    {
        var received = new ConcurrentQueue<MqttApplicationMessage>();
        client.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue(args.ApplicationMessage);
            return Task.CompletedTask;
        };
        return received;
    }

    [PeerFact("mosquitto")]
    public async Task Messages_of_each_quality_go_out_and_come_back_in_both_versions()
    {
        using var broker = await Mosquitto.StartAsync();
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311, MqttProtocolVersion.V310 })
        {
            using var client = Factory.CreateMqttClient();
            var received = Collect(client);
            var connected = await client.ConnectAsync(Options(broker.Port, version).Build());
            Assert.Equal(MqttClientConnectResultCode.Success, connected.ResultCode);
            var granted = await client.SubscribeAsync("t/#", MqttQualityOfServiceLevel.ExactlyOnce);
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS2, Assert.Single(granted.Items).ResultCode);
            foreach (var qos in Enum.GetValues<MqttQualityOfServiceLevel>())
            {
                var result = await client.PublishStringAsync($"t/{qos}", $"{version} {qos} ä€😀", qos);
                Assert.True(result.IsSuccess);
                await Eventually.True(() => !received.IsEmpty, $"{version} {qos} comes back");
                Assert.True(received.TryDequeue(out var message));
                Assert.Equal($"{version} {qos} ä€😀", message.ConvertPayloadToString());
                Assert.Equal(qos, message.QualityOfServiceLevel);
            }
            await client.PingAsync();
            await client.UnsubscribeAsync("t/#");
            await client.PublishStringAsync("t/after", "not for us", MqttQualityOfServiceLevel.ExactlyOnce);
            await client.DisconnectAsync();
            Assert.False(client.IsConnected);
            Assert.Empty(received);
        }
    }

    [PeerFact("mosquitto")]
    public async Task Properties_of_version_5_survive_the_broker()
    {
        using var broker = await Mosquitto.StartAsync();
        using var client = Factory.CreateMqttClient();
        var received = Collect(client);
        await client.ConnectAsync(Options(broker.Port).WithUserProperty("from", "test").Build());
        await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter("p", MqttQualityOfServiceLevel.AtLeastOnce).WithSubscriptionIdentifier(42).Build());
        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("p").WithPayload([1, 2, 3])
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithContentType("application/x")
            .WithCorrelationData([9, 8]).WithResponseTopic("r").WithUserProperty("a", "b").WithUserProperty("a", "c")
            .WithPayloadFormatIndicator(MqttPayloadFormatIndicator.CharacterData)
            .WithMessageExpiryInterval(100).Build());
        await Eventually.True(() => !received.IsEmpty, "the message comes back");
        var message = received.Single();
        Assert.Equal("application/x", message.ContentType);
        Assert.Equal([9, 8], message.CorrelationData!);
        Assert.Equal("r", message.ResponseTopic);
        Assert.Equal(["a = b", "a = c"], message.UserProperties!.Select(p => p.ToString()));
        Assert.InRange(message.MessageExpiryInterval, 95u, 100u);
        Assert.Equal([42u], message.SubscriptionIdentifiers!);
    }

    [PeerFact("mosquitto")]
    public async Task A_session_survives_the_loss_of_the_connection_and_unacknowledged_messages_come_again()
    {
        using var broker = await Mosquitto.StartAsync();
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311 })
        {
            var options = Options(broker.Port, version).WithClientId("keeper" + version).WithCleanSession(false);
            if (version == MqttProtocolVersion.V500)
                options.WithSessionExpiryInterval(300);
            using (var first = Factory.CreateMqttClient())
            {
                var refused = 0;
                first.ApplicationMessageReceivedAsync += args =>
                {
                    args.ProcessingFailed = true;
                    Interlocked.Increment(ref refused);
                    return Task.CompletedTask;
                };
                Assert.False((await first.ConnectAsync(options.Build())).IsSessionPresent);
                await first.SubscribeAsync($"s/{version}", MqttQualityOfServiceLevel.AtLeastOnce);
                await first.PublishStringAsync($"s/{version}", "one", MqttQualityOfServiceLevel.AtLeastOnce);
                await Eventually.True(() => refused == 1, "the message arrives and is not acknowledged");
            }
            using (var other = Factory.CreateMqttClient())
            {
                await other.ConnectAsync(Options(broker.Port, version).Build());
                await other.PublishStringAsync($"s/{version}", "two", MqttQualityOfServiceLevel.AtLeastOnce);
            }
            using var second = Factory.CreateMqttClient();
            var received = Collect(second);
            Assert.True((await second.ConnectAsync(options.Build())).IsSessionPresent);
            await Eventually.True(() => received.Count == 2, "both messages come to the resumed session");
            Assert.Equal(["one", "two"], received.Select(m => m.ConvertPayloadToString()));
            Assert.True(received.First().Dup);
        }
    }

    [PeerFact("mosquitto")]
    public async Task A_publish_whose_broker_dies_throws_and_the_same_client_connects_again()
    {
        using var broker = await Mosquitto.StartAsync();
        using var client = Factory.CreateMqttClient();
        var ended = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            ended.TrySetResult(args);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(Options(broker.Port).WithCleanStart(false).WithSessionExpiryInterval(60).Build());
        broker.Kill();
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
                await client.PublishStringAsync("x", "y", MqttQualityOfServiceLevel.AtLeastOnce);
        });
        Assert.True((await ended.Task).ClientWasConnected);
        await Assert.ThrowsAsync<MqttClientNotConnectedException>(() => client.PublishStringAsync("x"));
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => client.ReconnectAsync());
        await broker.StartAgainAsync();
        await client.ReconnectAsync();
        Assert.True((await client.PublishStringAsync("x", "y", MqttQualityOfServiceLevel.ExactlyOnce)).IsSuccess);
    }

    [PeerFact("mosquitto", "mosquitto_sub")]
    public async Task The_will_is_published_when_the_client_vanishes_and_not_when_it_leaves()
    {
        using var broker = await Mosquitto.StartAsync();
        using var watcher = Peer.Start(
            "stdbuf", "-oL", "mosquitto_sub", "-p", $"{broker.Port}", "-t", "w/#", "-q", "1", "-v", "-d");
        await watcher.SaidAsync("Subscribed");
        var options = Options(broker.Port).WithWillTopic("w/gone").WithWillPayload("lost")
            .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        using (var polite = Factory.CreateMqttClient())
        {
            await polite.ConnectAsync(options.WithWillTopic("w/polite").Build());
            await polite.DisconnectAsync();
        }
        using (var lost = Factory.CreateMqttClient())
            await lost.ConnectAsync(options.WithWillTopic("w/gone").Build());
        await watcher.SaidAsync("w/gone lost");
        Assert.DoesNotContain("w/polite", watcher.Output, StringComparison.Ordinal);
    }

    [PeerFact("mosquitto")]
    public async Task Mutual_TLS_works_with_1_2_and_1_3_and_a_wrong_authority_is_refused()
    {
        using var certificates = new TestCertificates();
        using var broker = await Mosquitto.StartAsync(certificates);
        foreach (var protocol in new[]
        {
            System.Security.Authentication.SslProtocols.Tls12, System.Security.Authentication.SslProtocols.Tls13,
        })
        {
            using var client = Factory.CreateMqttClient();
            var received = Collect(client);
            await client.ConnectAsync(Tls(broker.TlsPort, certificates, certificates)
                .WithTlsOptions(o => Trust(o, certificates, certificates).WithSslProtocols(protocol)).Build());
            await client.SubscribeAsync("t", MqttQualityOfServiceLevel.ExactlyOnce);
            var payload = new byte[200_000];
            new Random(1).NextBytes(payload);
            await client.PublishBinaryAsync("t", payload, MqttQualityOfServiceLevel.ExactlyOnce);
            await Eventually.True(() => !received.IsEmpty, "the message comes back");
            Assert.Equal(payload, System.Buffers.BuffersExtensions.ToArray(received.Single().Payload));
            await client.DisconnectAsync();
        }
        Assert.Contains("u'edge-press'", broker.Log, StringComparison.Ordinal);

        using var stranger = new TestCertificates();
        using var wrong = Factory.CreateMqttClient();
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(
            () => wrong.ConnectAsync(Tls(broker.TlsPort, stranger, certificates).Build()));
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(
            () => wrong.ConnectAsync(Tls(broker.TlsPort, certificates, stranger).Build()));
    }

    [PeerFact("mosquitto")]
    public async Task A_small_receive_maximum_on_either_side_slows_and_loses_nothing()
    {
        using var broker = await Mosquitto.StartAsync(extra: "max_inflight_messages 3");
        using var client = Factory.CreateMqttClient();
        var received = Collect(client);
        var connected = await client.ConnectAsync(Options(broker.Port).WithReceiveMaximum(2).Build());
        Assert.Equal((ushort)3, connected.ReceiveMaximum);
        await client.SubscribeAsync("m", MqttQualityOfServiceLevel.ExactlyOnce);
        var publishes = Enumerable.Range(0, 300).Select(i => client.PublishStringAsync(
            "m", $"{i}", i % 2 == 0 ? MqttQualityOfServiceLevel.AtLeastOnce : MqttQualityOfServiceLevel.ExactlyOnce));
        await Task.WhenAll(publishes);
        await Eventually.True(() => received.Count == 300, "all 300 come back");
        Assert.Equal(
            Enumerable.Range(0, 300), received.Select(m => int.Parse(m.ConvertPayloadToString()!)).Order());
    }

    [PeerFact("mosquitto")]
    public async Task A_message_over_the_brokers_packet_limit_throws_before_it_is_sent()
    {
        using var broker = await Mosquitto.StartAsync(extra: "max_packet_size 1000");
        using var client = Factory.CreateMqttClient();
        await client.ConnectAsync(Options(broker.Port).Build());
        var big = new byte[2000];
        await Assert.ThrowsAsync<MqttProtocolViolationException>(
            () => client.PublishBinaryAsync("x", big, MqttQualityOfServiceLevel.AtLeastOnce));
        var small = await client.PublishBinaryAsync("x", new byte[10], MqttQualityOfServiceLevel.AtLeastOnce);
        Assert.True(small.IsSuccess);
    }

    [PeerFact("mosquitto")]
    public async Task A_refusal_is_a_result_and_no_exception()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("passwords"), "");
        using var broker = await Mosquitto.StartAsync(
            extra: $"allow_anonymous false\npassword_file {folder.File("passwords")}");
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311 })
        {
            using var client = Factory.CreateMqttClient();
            var result = await client.ConnectAsync(
                Options(broker.Port, version).WithCredentials("nobody", "wrong").Build());
            Assert.Contains(
                result.ResultCode,
                new[] { MqttClientConnectResultCode.NotAuthorized, MqttClientConnectResultCode.BadUserNameOrPassword });
            Assert.False(client.IsConnected);
        }
    }

    [PeerFact("mosquitto")]
    public async Task The_line_is_kept_alive_while_nothing_is_sent()
    {
        using var broker = await Mosquitto.StartAsync();
        using var client = Factory.CreateMqttClient();
        await client.ConnectAsync(Options(broker.Port).WithKeepAlivePeriod(TimeSpan.FromSeconds(1)).Build());
        await Eventually.True(
            () => broker.Log.Split("Received PINGREQ").Length > 3, "three PINGREQ came");
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task Features_of_version_5_are_refused_for_3_1_1()
    {
        Assert.Throws<NotSupportedException>(
            () => Options(1, MqttProtocolVersion.V311).WithSessionExpiryInterval(1).Build());
        using var client = Factory.CreateMqttClient();
        await Assert.ThrowsAsync<MqttClientNotConnectedException>(() => client.PublishStringAsync("a", "b"));
        await Assert.ThrowsAsync<MqttProtocolViolationException>(() => client.PublishStringAsync("a/#", "b"));
    }

    private static MqttClientOptionsBuilder Tls(int port, TestCertificates trusted, TestCertificates own) =>
        new MqttClientOptionsBuilder().WithTcpServer("localhost", port).WithTimeout(TimeSpan.FromSeconds(10))
            .WithTlsOptions(o => Trust(o, trusted, own));

    private static MqttClientTlsOptionsBuilder Trust(
        MqttClientTlsOptionsBuilder options, TestCertificates trusted, TestCertificates own) =>
        options.UseTls().WithTrustChain([trusted.Authority]).WithClientCertificates([own.Device])
            .WithRevocationMode(System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck);
}
