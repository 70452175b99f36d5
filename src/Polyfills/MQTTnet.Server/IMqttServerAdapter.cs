using MQTTnet.Server.Internal;

namespace MQTTnet.Server;

/// <summary>Accepts connections for the server. Here it is Kestrel's handler or the server's own listener.</summary>
public interface IMqttServerAdapter : IDisposable
{
    /// <summary>Serves one connection to its end; null while the server does not run.</summary>
    internal Func<ServerChannel, Task>? ClientHandler { get; set; }

    internal Task StartAsync(MqttServerOptions options);

    Task StopAsync();
}
