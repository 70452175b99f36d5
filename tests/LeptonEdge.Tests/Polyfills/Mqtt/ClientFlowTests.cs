using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using LeptonEdge.Tests.Support;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>Many messages at once, and who waits for whom.</summary>
public sealed class ClientFlowTests
{
    private static readonly MqttClientFactory Factory = new();

    private static MqttClientOptionsBuilder Options(int port) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithTimeout(TimeSpan.FromSeconds(30));

    private static Task<KestrelBroker> BrokerAsync() =>
        KestrelBroker.StartAsync(configure: o => o.WithMaxPendingMessagesPerClient(1_000_000));

    [Fact]
    public async Task Messages_of_quality_0_wait_for_a_slower_handler_and_none_is_lost()
    {
        const int count = 4 * ClientInbox.QoS0Max;
        await using var broker = await BrokerAsync();
        using var publisher = Factory.CreateMqttClient();
        using var subscriber = Factory.CreateMqttClient();
        var received = new ConcurrentQueue<string>();
        subscriber.ApplicationMessageReceivedAsync += async args =>
        {
            await Task.Yield();
            Thread.SpinWait(200);
            received.Enqueue(args.ApplicationMessage.ConvertPayloadToString()!);
        };
        await publisher.ConnectAsync(Options(broker.Port).Build());
        await subscriber.ConnectAsync(Options(broker.Port).Build());
        await subscriber.SubscribeAsync("flood");
        for (var i = 0; i < count; i++)
            await publisher.PublishStringAsync("flood", $"{i}");
        await Eventually.True(() => received.Count == count, "every message is handled", secondsMax: 60);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i}"), received);
    }

    [PeerFact("mosquitto")]
    public async Task Messages_beyond_the_servers_receive_maximum_leave_in_the_order_they_were_published()
    {
        const int count = 5_000;
        using var mosquitto = new Tests.Support.Mosquitto("max_inflight_messages 20\nmax_queued_messages 0");
        await mosquitto.WaitUntilListeningAsync();
        using var publisher = Factory.CreateMqttClient();
        using var subscriber = Factory.CreateMqttClient();
        var received = new ConcurrentQueue<int>();
        subscriber.ApplicationMessageReceivedAsync += args =>
        {
            received.Enqueue(int.Parse(args.ApplicationMessage.ConvertPayloadToString()!));
            return Task.CompletedTask;
        };
        await subscriber.ConnectAsync(Options(mosquitto.Port).Build());
        await subscriber.SubscribeAsync("line", MqttQualityOfServiceLevel.AtLeastOnce);
        var answer = await publisher.ConnectAsync(Options(mosquitto.Port).Build());
        Assert.Equal((ushort?)20, answer.ReceiveMaximum);
        // With a token as the product has one, and without; some leave before their turn has come.
        using var ours = new CancellationTokenSource();
        using var leaving = new CancellationTokenSource();
        var published = new List<Task>();
        for (var i = 0; i < count; i++)
            published.Add(publisher.PublishStringAsync(
                "line", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce,
                cancellationToken: i % 7 == 3 ? leaving.Token : i % 2 == 0 ? ours.Token : default));
        await leaving.CancelAsync();
        var left = 0;
        foreach (var one in published)
        {
            await one.ContinueWith(task => left += task.IsCanceled ? 1 : 0, TaskScheduler.Default);
            Assert.False(one.IsFaulted);
        }

        Assert.True(left > 0, "some left before their turn");
        await Eventually.True(() => received.Count >= count - left, "what did not leave arrives");
        Assert.Equal(received.Order(), received);
    }

    [Fact]
    public async Task A_handler_that_stands_still_costs_messages_of_quality_0_but_not_the_answers()
    {
        await using var broker = await BrokerAsync();
        using var publisher = Factory.CreateMqttClient();
        using var subscriber = Factory.CreateMqttClient();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (received, isLastSeen) = (0, false);
        subscriber.ApplicationMessageReceivedAsync += async args =>
        {
            await go.Task;
            received++;
            Volatile.Write(ref isLastSeen, args.ApplicationMessage.Topic == "last");
        };
        await publisher.ConnectAsync(Options(broker.Port).Build());
        await subscriber.ConnectAsync(Options(broker.Port).Build());
        await subscriber.SubscribeAsync("flood");
        await subscriber.SubscribeAsync("last", MqttQualityOfServiceLevel.AtLeastOnce);
        for (var i = 0; i < 3 * ClientInbox.QoS0Max; i++)
            await publisher.PublishStringAsync("flood", "x");
        await publisher.PublishStringAsync("last", "x", MqttQualityOfServiceLevel.AtLeastOnce);
        // The answer comes behind the flood: the reader has gone past it, handler or not.
        var answer = await subscriber.PublishStringAsync("elsewhere", "x", MqttQualityOfServiceLevel.AtLeastOnce);
        Assert.True(answer.IsSuccess);
        Assert.Equal(0, received);
        go.SetResult();
        await Eventually.True(() => Volatile.Read(ref isLastSeen), "the message of quality 1 is handled");
        Assert.InRange(received, ClientInbox.QoS0Max, (3 * ClientInbox.QoS0Max) - 1);
    }

    [Fact]
    public async Task What_was_published_before_a_disconnect_still_arrives()
    {
        const int count = 2000;
        await using var broker = await BrokerAsync();
        using var publisher = Factory.CreateMqttClient();
        using var subscriber = Factory.CreateMqttClient();
        var received = 0;
        subscriber.ApplicationMessageReceivedAsync += _ =>
        {
            Interlocked.Increment(ref received);
            return Task.CompletedTask;
        };
        await publisher.ConnectAsync(Options(broker.Port).Build());
        await subscriber.ConnectAsync(Options(broker.Port).Build());
        await subscriber.SubscribeAsync("parting");
        for (var i = 0; i < count; i++)
            await publisher.PublishBinaryAsync("parting", new byte[500]);
        await publisher.DisconnectAsync();
        await Eventually.True(() => Volatile.Read(ref received) == count, "all of them arrive");
    }

    [Fact]
    public async Task A_publish_that_is_never_answered_is_cancelled_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var client = Factory.CreateMqttClient();
        var connecting = client.ConnectAsync(Options(port).WithTimeout(TimeSpan.FromMilliseconds(200)).Build());
        using var silent = await listener.AcceptTcpClientAsync();
        await silent.GetStream().WriteAsync(CodecTests.Encode(new MqttConnAckPacket(), MqttProtocolVersion.V500));
        await connecting;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.PublishStringAsync("a", "b", MqttQualityOfServiceLevel.AtLeastOnce));
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task A_publish_without_any_limit_waits_for_its_answer_however_long()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = Factory.CreateMqttClient();
        var connecting = client.ConnectAsync(
            Options(((IPEndPoint)listener.LocalEndpoint).Port).WithTimeout(Timeout.InfiniteTimeSpan).Build());
        using var slow = await listener.AcceptTcpClientAsync();
        await slow.GetStream().WriteAsync(CodecTests.Encode(new MqttConnAckPacket(), MqttProtocolVersion.V500));
        await connecting;
        var publishing = client.PublishStringAsync("a", "b", MqttQualityOfServiceLevel.AtLeastOnce);
        // Every limit that this machine's timers could have kept in the meantime has passed.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var ticks = 0; ticks < 10; ticks++)
            await timer.WaitForNextTickAsync();
        var ack = new MqttAckPacket(MqttPacketType.PubAck) { PacketIdentifier = 1 };
        await slow.GetStream().WriteAsync(CodecTests.Encode(ack, MqttProtocolVersion.V500));
        Assert.True((await publishing).IsSuccess);
    }

    [Fact]
    public async Task A_topic_that_comes_again_is_the_same_string_and_a_wrong_one_is_still_refused()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        foreach (var topic in new[] { "a/b", "a/b", "a/c", "ä/b", "ä/b", "a/+" })
        {
            var message = new MqttApplicationMessage { Topic = topic };
            MqttEncoder.Write(output, new MqttPublishPacket { Message = message }, MqttProtocolVersion.V500);
        }

        var pipe = new PacketPipe(
            PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(output.WrittenMemory)),
            PipeWriter.Create(Stream.Null), TimeProvider.System);
        var topics = new List<string>();
        for (var i = 0; i < 5; i++)
            topics.Add(Assert.IsType<MqttPublishPacket>(await pipe.ReadAsync(default)).Message.Topic);
        Assert.Equal(["a/b", "a/b", "a/c", "ä/b", "ä/b"], topics);
        Assert.Same(topics[0], topics[1]);
        var refused = await Assert.ThrowsAsync<MqttProtocolViolationException>(
            async () => await pipe.ReadAsync(default));
        Assert.Equal(MqttDisconnectReasonCode.TopicNameInvalid, refused.ReasonCode);
    }
}
