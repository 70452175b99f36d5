using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MQTTnet.Server;
using MQTTnet.Server.Internal;

namespace MQTTnet.AspNetCore;

/// <summary>Hands Kestrel's connections to the MQTT server; TLS and connection limits are Kestrel's.</summary>
public sealed class MqttConnectionHandler : ConnectionHandler, IMqttServerAdapter
{
    private Func<ServerChannel, Task>? _handle;

    Func<ServerChannel, Task>? IMqttServerAdapter.ClientHandler
    {
        get => _handle;
        set => _handle = value;
    }

    /// <summary>Serves one connection to its end; closes it at once while the server does not run.</summary>
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var transferFormat = connection.Features.Get<ITransferFormatFeature>();
        if (transferFormat is not null)
            transferFormat.ActiveFormat = TransferFormat.Binary;
        var tls = connection.Features.Get<ITlsConnectionFeature>();
        return _handle?.Invoke(new ServerChannel
        {
            Transport = connection.Transport,
            RemoteEndPoint = connection.RemoteEndPoint,
            ClientCertificate = tls?.ClientCertificate,
            IsSecure = tls is not null,
            // Kestrel stops before the MQTT server does, and waits for its connections: they have to end of themselves.
            Closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
                ?? CancellationToken.None,
            Abort = connection.Abort,
        }) ?? Task.CompletedTask;
    }

    Task IMqttServerAdapter.StartAsync(MqttServerOptions options) => Task.CompletedTask;

    public Task StopAsync() => Task.CompletedTask;

    public void Dispose()
    {
    }
}
