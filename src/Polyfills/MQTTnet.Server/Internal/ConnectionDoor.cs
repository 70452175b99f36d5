using System.Collections;
using System.Collections.Concurrent;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Internal;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet.Server.Internal;

/// <summary>
/// Where connections come in: CONNECT, the right to connect, the session, and afterwards the tidying up.
/// </summary>
internal sealed class ConnectionDoor(Broker broker)
{
    private const int ExpirySweeps = 30;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];
    private int _sweeps;

    /// <summary>Serves one accepted connection to its end; never throws for what the peer does.</summary>
    public async Task ServeAsync(ServerChannel channel, CancellationToken stopping)
    {
        var pipe = new PacketPipe(channel.Transport.Input, channel.Transport.Output, broker.Clock)
        {
            ReadBytesMax = ServerLimits.ConnectBytesMax,
        };
        try
        {
            if (await ReadConnectAsync(pipe, channel, stopping).ConfigureAwait(false) is not { } connect)
                return;
            pipe.Version = connect.ProtocolVersion;
            pipe.ReadBytesMax = ServerLimits.PacketBytesMax;
            var (args, items) = await ValidateAsync(connect, channel).ConfigureAwait(false);
            if (args.ReasonCode != MqttConnectReasonCode.Success)
            {
                await AnswerAsync(pipe, ConnAck(args, connect, false, false), stopping).ConfigureAwait(false);
                return;
            }
            await ServeAsync(connect, args, items, channel, pipe, stopping).ConfigureAwait(false);
        }
        catch (MqttProtocolViolationException violation)
        {
            await RefuseAsync(pipe, violation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // No CONNECT in time, or the server stops.
        }
        catch (Exception exception)
        {
            broker.Log(MqttNetLogLevel.Warning, $"A connection from {channel.RemoteEndPoint} broke.", exception);
        }
    }

    private async Task<MqttConnectPacket?> ReadConnectAsync(
        PacketPipe pipe, ServerChannel channel, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(broker.Options.DefaultCommunicationTimeout, broker.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token, stopping, channel.Closing);
        var packet = await pipe.ReadAsync(either.Token).ConfigureAwait(false);
        if (packet is not null and not MqttConnectPacket)
            broker.Log(
                MqttNetLogLevel.Warning, $"{channel.RemoteEndPoint} began with {packet.Type}, not CONNECT.", null);
        return packet as MqttConnectPacket;
    }

    private async Task<(ValidatingConnectionEventArgs Args, IDictionary Items)> ValidateAsync(
        MqttConnectPacket connect, ServerChannel channel)
    {
        var items = new ConcurrentDictionary<object, object>(concurrencyLevel: 1, capacity: 3);
        var args = new ValidatingConnectionEventArgs(connect, channel, items);
        var isV5 = connect.ProtocolVersion == MqttProtocolVersion.V500;
        if (args.AuthenticationMethod is not null)
            args.ReasonCode = MqttConnectReasonCode.BadAuthenticationMethod;
        else if (connect.ClientId.Length == 0 && !isV5 && !connect.CleanSession)
            args.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
        else if (connect.Will is { } will && SysTopics.IsReserved(will.Topic))
            args.ReasonCode = isV5 ? MqttConnectReasonCode.TopicNameInvalid : MqttConnectReasonCode.NotAuthorized;
        else
        {
            if (connect.ClientId.Length == 0)
                args.AssignedClientIdentifier = "auto-" + Guid.NewGuid().ToString("N");
            await broker.Events.Validating.InvokeAsync(args).ConfigureAwait(false);
        }
        if (!string.IsNullOrEmpty(args.AssignedClientIdentifier))
            connect.ClientId = args.AssignedClientIdentifier;
        return (args, items);
    }

    private async Task ServeAsync(
        MqttConnectPacket connect,
        ValidatingConnectionEventArgs args,
        IDictionary items,
        ServerChannel channel,
        PacketPipe pipe,
        CancellationToken stopping)
    {
        ServerConnection connection;
        // Two connections of one client identifier come in one after the other.
        var turn = Turn(connect.ClientId);
        await turn.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            var (session, isPresent) = await TakeSessionAsync(connect).ConfigureAwait(false);
            if (session is null)
            {
                args.ReasonCode = MqttConnectReasonCode.QuotaExceeded;
                await AnswerAsync(pipe, ConnAck(args, connect, false, false), stopping).ConfigureAwait(false);
                return;
            }
            foreach (DictionaryEntry item in items)
                session.Items[item.Key] = item.Value;
            var expiry = connect.ProtocolVersion == MqttProtocolVersion.V500
                ? connect.SessionExpiryInterval
                : connect.CleanSession ? 0 : uint.MaxValue;
            session.ExpiryInterval = broker.Options.EnablePersistentSessions ? expiry : 0;
            if (!await KeepAsync(session, connect).ConfigureAwait(false))
            {
                await broker.DeleteAsync(session).ConfigureAwait(false);
                args.ReasonCode = MqttConnectReasonCode.QuotaExceeded;
                await AnswerAsync(pipe, ConnAck(args, connect, false, false), stopping).ConfigureAwait(false);
                return;
            }
            var keepAlive = LimitKeepAlive(connect);
            connection = new ServerConnection(broker, session, connect, channel, pipe);
            var connAck = ConnAck(args, connect, isPresent, session.ExpiryInterval != expiry, keepAlive);
            try
            {
                // CONNACK leaves before the session's messages may: nothing is attached to it yet.
                await AnswerAsync(pipe, connAck, stopping).ConfigureAwait(false);
            }
            catch when (!isPresent)
            {
                await broker.DeleteAsync(session).ConfigureAwait(false);
                throw;
            }
            session.Attach(connection, connect.ReceiveMaximum > 0 ? connect.ReceiveMaximum : ushort.MaxValue);
        }
        finally
        {
            turn.Release();
        }
        var endpoint = channel.RemoteEndPoint?.ToString();
        await broker.TryRaiseAsync(
            broker.Events.Connected, new ClientConnectedEventArgs(connect, endpoint, connection.Session.Items))
            .ConfigureAwait(false);
        await connection.RunAsync().ConfigureAwait(false);
        await LeaveAsync(connection).ConfigureAwait(false);
    }

    private async Task<(Session? Session, bool IsPresent)> TakeSessionAsync(MqttConnectPacket connect)
    {
        var session = broker.Find(connect.ClientId);
        if (session?.Owner is { } other)
        {
            await other.StopAsync(MqttDisconnectReasonCode.SessionTakenOver, null).ConfigureAwait(false);
            await other.Gone.ConfigureAwait(false);
            session = broker.Find(connect.ClientId);
        }
        if (session is not null && (connect.CleanSession || session.IsExpired(broker.Clock.GetUtcNow())))
        {
            await broker.DeleteAsync(session).ConfigureAwait(false);
            session = null;
        }
        return session is null ? (broker.Create(connect.ClientId), false) : (session, true);
    }

    /// <summary>Writes down that the session is there; one that ends with its connection is not written.</summary>
    /// <returns>False when there is no room for it.</returns>
    private async Task<bool> KeepAsync(Session session, MqttConnectPacket connect)
    {
        if (broker.Store is not { } store)
            return true;
        if (session.ExpiryInterval == 0)
        {
            if (session.Kept is { IsStored: true })
                await store.Drop(session).Attempt.ConfigureAwait(false);
            return true;
        }
        if (session.Kept is null)
            return await store.Create(session, connect).DoneAsync().ConfigureAwait(false);
        await store.SaveConnected(session, connect).Attempt.ConfigureAwait(false);
        return true;
    }

    private async Task LeaveAsync(ServerConnection connection)
    {
        var session = connection.Session;
        try
        {
            session.Detach();
            broker.Sys.OnGone(connection);
            if (connection.LeavesWill)
                await LeaveWillAsync(connection).ConfigureAwait(false);
            if (session.ExpiryInterval == 0)
                await broker.DeleteAsync(session).ConfigureAwait(false);
            else if (session.Kept is { IsStored: true } kept)
                kept.Store.SaveGone(session);
            await broker.TryRaiseAsync(
                broker.Events.Disconnected,
                new ClientDisconnectedEventArgs(
                    session.Id, connection.Goodbye, connection.EndedBy, connection.Channel.RemoteEndPoint,
                    session.Items)).ConfigureAwait(false);
        }
        finally
        {
            session.Disown();
            connection.MarkGone();
        }
    }

    private async Task LeaveWillAsync(ServerConnection connection)
    {
        var session = connection.Session;
        var delay = Math.Min(connection.Connect.WillDelayInterval, session.ExpiryInterval);
        if (delay > 0)
        {
            session.DelayedWill =
                (connection.Connect.Will!, broker.Clock.GetUtcNow() + TimeSpan.FromSeconds(delay));
            return;
        }
        await PublishWillAsync(session, connection.Connect.Will!).ConfigureAwait(false);
    }

    private async Task PublishWillAsync(Session session, MqttApplicationMessage will)
    {
        try
        {
            await broker.PublishAsync(session.Id, session.Items, will, isOurs: true, default).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            broker.Log(MqttNetLogLevel.Error, $"The will of client '{session.Id}' was not published.", exception);
        }
    }

    /// <summary>Wills that are due, sessions that expired, connections that are silent.</summary>
    public async Task SweepAsync()
    {
        await broker.Sys.SweepAsync(broker).ConfigureAwait(false);
        // They are not given out in any case: this is about their room.
        if (++_sweeps % ExpirySweeps == 0)
        {
            foreach (var topic in broker.Retained.RemoveExpired())
                broker.Store?.RemoveRetained(topic);
        }
        var now = broker.Clock.GetUtcNow();
        foreach (var session in broker.Sessions())
        {
            if (session.Connection is { } connection)
            {
                // Not awaited: one peer that does not read must not hold up the others' check.
                _ = connection.CheckAsync();
                continue;
            }
            // Not in the middle of somebody's taking the session up, or leaving it.
            var turn = Turn(session.Id);
            if (!await turn.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
                continue;
            try
            {
                if (session.Owner is null)
                    await SweepAsync(session, now).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
    }

    private async Task SweepAsync(Session session, DateTimeOffset now)
    {
        if (session.DelayedWill is { } will && will.Due <= now)
        {
            session.DelayedWill = null;
            await PublishWillAsync(session, will.Message).ConfigureAwait(false);
            if (session.Kept is { IsStored: true } kept)
                kept.Store.SaveGone(session);
        }
        if (session.IsExpired(now))
            await broker.DeleteAsync(session).ConfigureAwait(false);
    }

    /// <summary>Puts the server's limit in place of a longer period; only MQTT 5 clients can be told.</summary>
    /// <returns>What to tell; 0: nothing.</returns>
    private ushort LimitKeepAlive(MqttConnectPacket connect)
    {
        var max = broker.Settings.KeepAliveMax;
        if (max == 0 || connect.ProtocolVersion != MqttProtocolVersion.V500
            || connect.KeepAlivePeriod is > 0 and var asked && asked <= max)
            return 0;
        return connect.KeepAlivePeriod = max;
    }

    private SemaphoreSlim Turn(string clientId) => _turns[(uint)clientId.GetHashCode() % (uint)_turns.Length];

    private static MqttConnAckPacket ConnAck(
        ValidatingConnectionEventArgs args,
        MqttConnectPacket connect,
        bool isPresent,
        bool expiresAtOnce,
        ushort keepAlive = 0)
    {
        var packet = new MqttConnAckPacket { ReasonCode = args.ReasonCode, IsSessionPresent = isPresent };
        if (connect.ProtocolVersion != MqttProtocolVersion.V500)
            return packet;
        var properties = new MqttProperties()
            .Add(MqttPropertyId.ReasonString, args.ReasonString)
            .Add(MqttPropertyId.ServerReference, args.ServerReference)
            .AddUser(args.ResponseUserProperties);
        packet.Properties = properties;
        if (args.ReasonCode != MqttConnectReasonCode.Success)
            return packet;
        properties.Add(MqttPropertyId.ReceiveMaximum, ServerLimits.ReceiveMaximum)
            .Add(MqttPropertyId.MaximumPacketSize, ServerLimits.PacketBytesMax)
            .Add(MqttPropertyId.TopicAliasMaximum, ServerLimits.TopicAliasMaximum)
            .Add(MqttPropertyId.AssignedClientIdentifier, args.AssignedClientIdentifier);
        if (keepAlive > 0)
            properties.Add(MqttPropertyId.ServerKeepAlive, keepAlive);
        if (expiresAtOnce)
            properties.Add(MqttPropertyId.SessionExpiryInterval, 0);
        PacketRules.Fit(packet, connect);
        return packet;
    }

    private async Task RefuseAsync(PacketPipe pipe, MqttProtocolViolationException violation)
    {
        broker.Log(MqttNetLogLevel.Warning, $"CONNECT refused: {violation.Message}", null);
        if (violation is ConnectViolationException { Version: MqttProtocolVersion.V500 })
        {
            await AnswerAsync(
                pipe, new MqttConnAckPacket { ReasonCode = (MqttConnectReasonCode)violation.ReasonCode }, default)
                .ConfigureAwait(false);
            return;
        }
        if (violation is not UnsupportedVersionException)
            return;
        // The answer is written as 3.1.1: code 1 is what every version understands as "not this one".
        pipe.Version = MqttProtocolVersion.V311;
        await AnswerAsync(
            pipe, new MqttConnAckPacket { ReasonCode = MqttConnectReasonCode.UnsupportedProtocolVersion }, default)
            .ConfigureAwait(false);
    }

    private async Task AnswerAsync(PacketPipe pipe, MqttConnAckPacket packet, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(broker.Options.DefaultCommunicationTimeout, broker.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        await pipe.WriteAsync(packet, flush: true, either.Token).ConfigureAwait(false);
    }
}
