using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The server's own promises: sessions, rights, limits.</summary>
public sealed class ServerTests
{
    private static readonly MqttClientFactory Factory = new();

    [Fact]
    public async Task Rights_come_from_the_certificate_and_a_refusal_names_its_reason()
    {
        using var certificates = new TestCertificates("edge-press");
        var seen = new ConcurrentQueue<string>();
        await using var broker = await KestrelBroker.StartAsync(certificates: certificates, events: server =>
        {
            server.ValidatingConnectionAsync += args =>
            {
                var name = args.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, false);
                if (name is null || name != args.ClientId)
                    args.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
                args.SessionItems["device"] = name;
                return Task.CompletedTask;
            };
            server.InterceptingPublishAsync += args =>
            {
                var own = $"up/{args.SessionItems["device"]}/";
                if (args.ApplicationMessage.Topic.StartsWith(own, StringComparison.Ordinal))
                    return Task.CompletedTask;
                args.ProcessPublish = false;
                args.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
                args.Response.ReasonString = "not below your own topic";
                seen.Enqueue(args.ApplicationMessage.Topic);
                return Task.CompletedTask;
            };
            server.InterceptingSubscriptionAsync += args =>
            {
                if (args.TopicFilter.Topic == $"down/{args.SessionItems["device"]}/#")
                    return Task.CompletedTask;
                args.ProcessSubscription = false;
                args.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
                return Task.CompletedTask;
            };
        });
        using var client = Factory.CreateMqttClient();
        var connected = await client.ConnectAsync(Tls(broker, certificates).WithClientId("edge-press").Build());
        Assert.Equal(MqttClientConnectResultCode.Success, connected.ResultCode);
        var granted = await client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithTopicFilter("down/edge-press/#", MqttQualityOfServiceLevel.AtLeastOnce).WithTopicFilter("#").Build());
        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS1, MqttClientSubscribeResultCode.NotAuthorized],
            granted.Items.Select(i => i.ResultCode));
        foreach (var qos in new[] { MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.ExactlyOnce })
        {
            var refused = await client.PublishStringAsync("up/edge-pump/x", "no", qos);
            Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, refused.ReasonCode);
            Assert.Equal("not below your own topic", refused.ReasonString);
            Assert.True((await client.PublishStringAsync("up/edge-press/x", "yes", qos)).IsSuccess);
        }
        Assert.Equal(["up/edge-pump/x", "up/edge-pump/x"], seen);
        using var impostor = Factory.CreateMqttClient();
        var answer = await impostor.ConnectAsync(Tls(broker, certificates).WithClientId("edge-pump").Build());
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, answer.ResultCode);
        using var stranger = new TestCertificates("edge-press");
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => impostor.ConnectAsync(
            Tls(broker, certificates, stranger).WithClientId("edge-press").Build()));
    }

    [Fact]
    public async Task A_session_keeps_what_came_while_its_client_was_away_and_repeats_what_was_not_acknowledged()
    {
        await using var broker = await KestrelBroker.StartAsync();
        foreach (var version in new[] { MqttProtocolVersion.V500, MqttProtocolVersion.V311 })
        {
            var options = Plain(broker, version).WithClientId($"keeper{version}").WithCleanSession(false);
            if (version == MqttProtocolVersion.V500)
                options.WithSessionExpiryInterval(60);
            var refused = 0;
            using (var first = Factory.CreateMqttClient())
            {
                first.ApplicationMessageReceivedAsync += args =>
                {
                    args.ProcessingFailed = true;
                    Interlocked.Increment(ref refused);
                    return Task.CompletedTask;
                };
                await first.ConnectAsync(options.Build());
                await first.SubscribeAsync($"s/{version}/#", MqttQualityOfServiceLevel.ExactlyOnce);
                await first.PublishStringAsync($"s/{version}/a", "1", MqttQualityOfServiceLevel.AtLeastOnce);
                await first.PublishStringAsync($"s/{version}/b", "2", MqttQualityOfServiceLevel.ExactlyOnce);
                await Eventually.True(() => refused == 2, "both arrive and are not acknowledged");
            }
            await Eventually.True(
                async () => (await broker.Server.GetClientsAsync()).Count == 0, "the server knows that it is gone");
            await broker.Server.InjectApplicationMessage(
                $"s/{version}/c", "3", MqttQualityOfServiceLevel.AtLeastOnce);
            using var second = Factory.CreateMqttClient();
            var received = Collect(second);
            Assert.True((await second.ConnectAsync(options.Build())).IsSessionPresent);
            await Eventually.True(() => received.Count == 3, "all three come");
            Assert.Equal(["1", "2", "3"], received.Select(m => m.ConvertPayloadToString()));
            Assert.Equal([true, true, false], received.Select(m => m.Dup));
            await second.DisconnectAsync();
            // A clean start forgets it all.
            using var third = Factory.CreateMqttClient();
            Assert.False((await third.ConnectAsync(options.WithCleanSession().Build())).IsSessionPresent);
        }
    }

    [Fact]
    public async Task The_same_client_identifier_takes_the_session_over()
    {
        var ends = new ConcurrentQueue<MqttClientDisconnectType>();
        await using var broker = await KestrelBroker.StartAsync(server => server.ClientDisconnectedAsync += args =>
        {
            ends.Enqueue(args.DisconnectType);
            return Task.CompletedTask;
        });
        using var first = Factory.CreateMqttClient();
        var told = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        first.DisconnectedAsync += args =>
        {
            told.TrySetResult(args);
            return Task.CompletedTask;
        };
        var options = Plain(broker).WithClientId("one").WithCleanStart(false).WithSessionExpiryInterval(60).Build();
        await first.ConnectAsync(options);
        await first.SubscribeAsync("t");
        using var second = Factory.CreateMqttClient();
        var received = Collect(second);
        Assert.True((await second.ConnectAsync(options)).IsSessionPresent);
        Assert.Equal(MqttClientDisconnectReason.SessionTakenOver, (await told.Task).Reason);
        await broker.Server.InjectApplicationMessage("t", "x");
        await Eventually.True(() => received.Count == 1, "the second connection has the subscription");
        Assert.Equal([MqttClientDisconnectType.Takeover], ends);
        Assert.Equal("one", Assert.Single(await broker.Server.GetClientsAsync()).Id);
        await broker.Server.DisconnectClientAsync("one", MqttDisconnectReasonCode.AdministrativeAction);
        await Eventually.True(() => !second.IsConnected, "the operator's disconnect arrives");
    }

    [Fact]
    public async Task Each_message_of_a_shared_subscription_goes_to_one_member_and_all_are_used()
    {
        await using var broker = await KestrelBroker.StartAsync();
        var members = new List<ConcurrentQueue<MqttApplicationMessage>>();
        for (var i = 0; i < 3; i++)
        {
            var client = Factory.CreateMqttClient();
            members.Add(Collect(client));
            var version = i == 2 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500;
            await client.ConnectAsync(Plain(broker, version).Build());
            await client.SubscribeAsync("$share/hub/up/#", MqttQualityOfServiceLevel.AtLeastOnce);
        }
        using var sender = Factory.CreateMqttClient();
        await sender.ConnectAsync(Plain(broker).Build());
        await Task.WhenAll(Enumerable.Range(0, 90).Select(i =>
            sender.PublishStringAsync($"up/{i}", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce)));
        await Eventually.True(() => members.Sum(m => m.Count) == 90, "all 90 are delivered");
        Assert.All(members, m => Assert.Equal(30, m.Count));
        Assert.Equal(90, members.SelectMany(m => m).Select(m => m.Topic).Distinct().Count());
    }

    [Fact]
    public async Task Retained_messages_are_given_to_newcomers_and_removed_by_an_empty_payload()
    {
        var changes = new ConcurrentQueue<string>();
        await using var broker = await KestrelBroker.StartAsync(server =>
        {
            server.LoadingRetainedMessageAsync += args =>
            {
                args.LoadedRetainedMessages.Add(new MqttApplicationMessageBuilder()
                    .WithTopic("r/old").WithPayload("from before").WithRetainFlag().Build());
                return Task.CompletedTask;
            };
            server.RetainedMessageChangedAsync += args =>
            {
                changes.Enqueue($"{args.ChangedRetainedMessage.Topic} {args.StoredRetainedMessages.Count}");
                return Task.CompletedTask;
            };
        });
        await broker.Server.InjectApplicationMessage("r/new", "now", retain: true);
        await broker.Server.InjectApplicationMessage("r/gone", "x", retain: true);
        await broker.Server.InjectApplicationMessage("r/gone", "", retain: true);
        using var client = Factory.CreateMqttClient();
        var received = Collect(client);
        await client.ConnectAsync(Plain(broker).Build());
        await client.SubscribeAsync("r/+");
        await Eventually.True(() => received.Count == 2, "both retained messages come");
        Assert.Equal(["from before", "now"], received.Select(m => m.ConvertPayloadToString()!).Order());
        Assert.All(received, m => Assert.True(m.Retain));
        Assert.Equal(["r/new 2", "r/gone 3", "r/gone 2"], changes);
        // Not sent again to a subscription that is only renewed, when it asks for that.
        await client.SubscribeAsync(new MqttTopicFilterBuilder().WithTopic("r/+")
            .WithRetainHandling(MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly).Build());
        await client.PublishStringAsync("r/live", "live");
        await Eventually.True(() => received.Count == 3, "the live message comes");
        Assert.False(received.Last().Retain);
    }

    [Fact]
    public async Task A_full_queue_sheds_by_its_strategy_and_says_so()
    {
        foreach (var strategy in Enum.GetValues<MqttPendingMessagesOverflowStrategy>())
        {
            var shed = 0;
            await using var broker = await KestrelBroker.StartAsync(
                server =>
                {
                    server.QueuedApplicationMessageOverwrittenAsync += _ =>
                    {
                        Interlocked.Increment(ref shed);
                        return Task.CompletedTask;
                    };
                    server.ApplicationMessageEnqueuedOrDroppedAsync += args =>
                    {
                        Interlocked.Add(ref shed, args.IsDropped ? 1 : 0);
                        return Task.CompletedTask;
                    };
                },
                o => o.WithMaxPendingMessagesPerClient(10).WithPendingMessagesOverflowStrategy(strategy));
            var options = Plain(broker).WithClientId("away")
                .WithCleanStart(false).WithSessionExpiryInterval(60).Build();
            using (var client = Factory.CreateMqttClient())
            {
                await client.ConnectAsync(options);
                await client.SubscribeAsync("q", MqttQualityOfServiceLevel.AtLeastOnce);
                await client.DisconnectAsync(new MqttClientDisconnectOptions());
            }
            await Eventually.True(
                async () => (await broker.Server.GetClientsAsync()).Count == 0, "the client is away");
            for (var i = 0; i < 25; i++)
                await broker.Server.InjectApplicationMessage("q", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce);
            Assert.Equal(15, shed);
            using var again = Factory.CreateMqttClient();
            var received = Collect(again);
            await again.ConnectAsync(options);
            await Eventually.True(() => received.Count == 10, "ten were kept");
            var first = strategy == MqttPendingMessagesOverflowStrategy.DropNewMessage ? 0 : 15;
            Assert.Equal(
                Enumerable.Range(first, 10).Select(i => $"{i}"), received.Select(m => m.ConvertPayloadToString()));
        }
    }

    [Fact]
    public async Task A_host_that_stops_tells_its_clients_and_does_not_wait_for_them()
    {
        var broker = await KestrelBroker.StartAsync();
        using var client = Factory.CreateMqttClient();
        var told = new TaskCompletionSource<MqttClientDisconnectedEventArgs>();
        client.DisconnectedAsync += args =>
        {
            told.TrySetResult(args);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(Plain(broker).Build());
        using var undecided = new RawClient(broker.Port);
        // Less than Kestrel's own patience of 30 s with connections that stay open.
        await broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(MqttClientDisconnectReason.ServerShuttingDown, (await told.Task).Reason);
    }

    [Fact]
    public async Task Wills_follow_their_delay_and_a_client_that_returns_in_time_takes_its_will_back()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var watcher = Factory.CreateMqttClient();
        var received = Collect(watcher);
        await watcher.ConnectAsync(Plain(broker).Build());
        await watcher.SubscribeAsync("w/#");
        MqttClientOptions Dying(string name, uint delay) => Plain(broker).WithClientId(name).WithCleanStart(false)
            .WithSessionExpiryInterval(60).WithWillTopic($"w/{name}").WithWillPayload("gone")
            .WithWillDelayInterval(delay).Build();
        foreach (var (name, delay) in new[] { ("at-once", 0u), ("late", 2u), ("returns", 2u) })
        {
            using var dying = Factory.CreateMqttClient();
            await dying.ConnectAsync(Dying(name, delay));
        }
        using var back = Factory.CreateMqttClient();
        await back.ConnectAsync(Dying("returns", 2));
        await Eventually.True(() => received.Count == 2, "two wills come");
        Assert.Equal(["w/at-once", "w/late"], received.Select(m => m.Topic));
        Assert.True(back.IsConnected);
    }

    [Fact]
    public async Task A_silent_client_is_cut_after_one_and_a_half_keep_alive_periods()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var raw = new RawClient(broker.Port);
        await raw.SendAsync(RawClient.Connect("silent", keepAliveSeconds: 1));
        Assert.IsType<MqttConnAckPacket>(await raw.ReadAsync());
        var goodbye = Assert.IsType<MqttDisconnectPacket>(await raw.ReadAsync());
        Assert.Equal(MqttDisconnectReasonCode.KeepAliveTimeout, goodbye.ReasonCode);
        Assert.Null(await raw.ReadAsync());
    }

    [Fact]
    public async Task What_violates_the_protocol_is_told_its_reason_and_hurts_nobody_else()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var bystander = Factory.CreateMqttClient();
        var received = Collect(bystander);
        await bystander.ConnectAsync(Plain(broker).Build());
        await bystander.SubscribeAsync("b");
        foreach (var (bytes, reason) in Violations())
        {
            using var raw = new RawClient(broker.Port);
            await raw.SendAsync(RawClient.Connect("bad", keepAliveSeconds: 60));
            Assert.IsType<MqttConnAckPacket>(await raw.ReadAsync());
            await raw.SendAsync(bytes);
            var goodbye = Assert.IsType<MqttDisconnectPacket>(await raw.ReadAsync());
            Assert.Equal(reason, goodbye.ReasonCode);
            Assert.Null(await raw.ReadAsync());
        }
        Assert.True(bystander.IsConnected);
        await bystander.PublishStringAsync("b", "still here");
        await Eventually.True(() => received.Count == 1, "the bystander is served");
    }

    [Fact]
    public async Task Random_bytes_never_end_the_server()
    {
        await using var broker = await KestrelBroker.StartAsync();
        var random = new Random(31);
        for (var round = 0; round < 150; round++)
        {
            using var raw = new RawClient(broker.Port);
            var bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
                await raw.SendAsync(RawClient.Connect($"fuzz{round}", keepAliveSeconds: 60));
            await raw.SendAsync(bytes);
        }
        using var client = Factory.CreateMqttClient();
        await client.ConnectAsync(Plain(broker).Build());
        Assert.True((await client.PublishStringAsync("x", "y", MqttQualityOfServiceLevel.ExactlyOnce)).IsSuccess);
        Assert.DoesNotContain(broker.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_stops_reading_costs_a_bounded_queue_and_the_others_go_on()
    {
        var shed = 0;
        await using var broker = await KestrelBroker.StartAsync(
            server => server.QueuedApplicationMessageOverwrittenAsync += _ =>
            {
                Interlocked.Increment(ref shed);
                return Task.CompletedTask;
            },
            o => o.WithMaxPendingMessagesPerClient(50).WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(2)));
        using var deaf = new RawClient(broker.Port);
        await deaf.SendAsync(RawClient.Connect("deaf", keepAliveSeconds: 0));
        await deaf.SendAsync(CodecTests.Encode(
            new MqttSubscribePacket { PacketIdentifier = 1, TopicFilters = [new MqttTopicFilter { Topic = "flood" }] },
            MqttProtocolVersion.V500));
        using var good = Factory.CreateMqttClient();
        var received = Collect(good);
        await good.ConnectAsync(Plain(broker).Build());
        await good.SubscribeAsync("good");
        var payload = new byte[100_000];
        for (var i = 0; i < 400; i++)
            await good.PublishBinaryAsync("flood", payload, MqttQualityOfServiceLevel.AtLeastOnce);
        await good.PublishStringAsync("good", "x");
        await Eventually.True(() => received.Count == 1, "the other client is served");
        Assert.InRange(shed, 100, 400);
        await Eventually.True(
            async () => (await broker.Server.GetClientsAsync()).All(c => c.Id != "deaf"), "the deaf client is cut off");
    }

    [Fact]
    public async Task What_is_not_supported_is_refused_with_its_reason_code()
    {
        await using var broker = await KestrelBroker.StartAsync();
        using var enhanced = new RawClient(broker.Port);
        await enhanced.SendAsync(CodecTests.Encode(
            new MqttConnectPacket
            {
                ClientId = "sasl",
                Properties = new MqttProperties().Add(MqttPropertyId.AuthenticationMethod, "SCRAM-SHA-256"),
            },
            MqttProtocolVersion.V500));
        var answer = Assert.IsType<MqttConnAckPacket>(await enhanced.ReadAsync());
        Assert.Equal(MqttConnectReasonCode.BadAuthenticationMethod, answer.ReasonCode);
        using var future = new RawClient(broker.Port);
        await future.SendAsync([0x10, 0x0D, 0, 4, 77, 81, 84, 84, 6, 2, 0, 60, 0, 1, 97]);
        Assert.Equal(new byte[] { 0x20, 2, 0, 1 }, await future.ReadBytesAsync(4));
    }

    [Fact]
    public async Task The_servers_own_ports_serve_plain_and_TLS_without_Kestrel()
    {
        using var certificates = new TestCertificates();
        var (plain, tls) = (Peer.FreePort(), Peer.FreePort());
        X509Certificate2? proven = null;
        using var server = new MqttServerFactory().CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpointBoundIPAddress(System.Net.IPAddress.Loopback).WithDefaultEndpointPort(plain)
            .WithEncryptedEndpoint().WithEncryptedEndpointBoundIPAddress(System.Net.IPAddress.Loopback)
            .WithEncryptedEndpointPort(tls).WithEncryptionCertificate(certificates.Server)
            .WithClientCertificate((_, shown, _, _) => certificates.Issued((X509Certificate2)shown!)).Build());
        server.ValidatingConnectionAsync += args =>
        {
            proven ??= args.ClientCertificate;
            return Task.CompletedTask;
        };
        await server.StartAsync();
        using var client = Factory.CreateMqttClient();
        await client.ConnectAsync(TlsOptions(tls, certificates, certificates).Build());
        Assert.True((await client.PublishStringAsync("a", "b", MqttQualityOfServiceLevel.ExactlyOnce)).IsSuccess);
        Assert.Equal(certificates.Device.Thumbprint, proven?.Thumbprint);
        using var other = Factory.CreateMqttClient();
        await other.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", plain).Build());
        await server.StopAsync();
        await Eventually.True(() => !client.IsConnected && !other.IsConnected, "both are told to go");
    }

    private static IEnumerable<(byte[] Bytes, MqttDisconnectReasonCode Reason)> Violations()
    {
        yield return ([0x36, 5, 0, 1, 97, 0, 1], MqttDisconnectReasonCode.MalformedPacket);
        yield return ([0xF1, 0], MqttDisconnectReasonCode.MalformedPacket);
        yield return ([0x30, 0xFF, 0xFF, 0xFF, 0xFF], MqttDisconnectReasonCode.MalformedPacket);
        yield return ([0x30, 0xFF, 0xFF, 0xFF, 0x7F], MqttDisconnectReasonCode.PacketTooLarge);
        yield return ([0x30, 4, 0, 1, (byte)'#', 0], MqttDisconnectReasonCode.TopicNameInvalid);
        yield return ([0x32, 6, 0, 1, 97, 0, 0, 0], MqttDisconnectReasonCode.ProtocolError);
        yield return (RawClient.Connect("bad", 60), MqttDisconnectReasonCode.ProtocolError);
        yield return ([0xD0, 0], MqttDisconnectReasonCode.ProtocolError);
        yield return ([0xF0, 0], MqttDisconnectReasonCode.ProtocolError);
        yield return ([0x30, 7, 0, 1, 97, 3, 35, 0, 99], MqttDisconnectReasonCode.TopicAliasInvalid);
        yield return ([0x30, 4, 0, 1, 0xFF, 0], MqttDisconnectReasonCode.MalformedPacket);
    }

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

    private static MqttClientOptionsBuilder Plain(
        KestrelBroker broker, MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(version);

    private static MqttClientOptionsBuilder Tls(
        KestrelBroker broker, TestCertificates trusted, TestCertificates? own = null) =>
        TlsOptions(broker.TlsPort, trusted, own ?? trusted);

    private static MqttClientOptionsBuilder TlsOptions(int port, TestCertificates trusted, TestCertificates own) =>
        new MqttClientOptionsBuilder().WithTcpServer("localhost", port).WithTlsOptions(o => o
            .WithTrustChain([trusted.Authority]).WithClientCertificates([own.Device])
            .WithRevocationMode(X509RevocationMode.NoCheck));
}
