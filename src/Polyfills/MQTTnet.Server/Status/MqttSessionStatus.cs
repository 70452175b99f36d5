using System.Collections;
using MQTTnet.Formatter;
using MQTTnet.Server.Internal;

namespace MQTTnet.Server;

/// <summary>A session, connected or not.</summary>
public sealed class MqttSessionStatus
{
    private readonly Broker _broker;
    private readonly Session _session;

    internal MqttSessionStatus(Broker broker, Session session)
    {
        _broker = broker;
        _session = session;
    }

    public DateTime CreatedTimestamp => _session.Created.UtcDateTime;

    public DateTime? DisconnectedTimestamp => _session.Disconnected?.UtcDateTime;

    /// <summary>Seconds that the session outlives its connection.</summary>
    public uint ExpiryInterval => _session.ExpiryInterval;

    public string Id => _session.Id;

    public IDictionary Items => _session.Items;

    /// <summary>Messages that wait or are in flight.</summary>
    public long PendingApplicationMessagesCount => _session.PendingCount;

    public async Task DeleteAsync()
    {
        if (_session.Owner is { } connection)
        {
            await connection
                .StopAsync(Protocol.MqttDisconnectReasonCode.NormalDisconnection, null).ConfigureAwait(false);
            await connection.Gone.ConfigureAwait(false);
        }
        await _broker.DeleteAsync(_session).ConfigureAwait(false);
    }
}

/// <summary>A connected client.</summary>
public sealed class MqttClientStatus
{
    private readonly ServerConnection _connection;

    internal MqttClientStatus(Broker broker, ServerConnection connection)
    {
        _connection = connection;
        Session = new MqttSessionStatus(broker, connection.Session);
    }

    public long BytesReceived => _connection.Pipe.BytesReceived;

    public long BytesSent => _connection.Pipe.BytesSent;

    public DateTime ConnectedTimestamp => _connection.Connected.UtcDateTime;

    public string? Endpoint => _connection.Channel.RemoteEndPoint?.ToString();

    public string Id => _connection.Session.Id;

    public MqttProtocolVersion ProtocolVersion => _connection.Connect.ProtocolVersion;

    public long ReceivedApplicationMessagesCount => _connection.MessagesReceived;

    public long SentApplicationMessagesCount => _connection.MessagesSent;

    public MqttSessionStatus Session { get; set; }

    public Task DisconnectAsync(MqttServerClientDisconnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return _connection.StopAsync(options);
    }
}
