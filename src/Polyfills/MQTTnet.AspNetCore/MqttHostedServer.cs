using Microsoft.Extensions.Hosting;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace MQTTnet.AspNetCore;

/// <summary>The server as the host's service: started and stopped with it.</summary>
public sealed class MqttHostedServer : MqttServer, IHostedService
{
    public MqttHostedServer(
        MqttServerOptions options, IEnumerable<IMqttServerAdapter> adapters, IMqttNetLogger logger)
        : base(options, adapters, logger)
    {
    }

    public Task StartAsync(CancellationToken cancellationToken) => StartAsync();

    public Task StopAsync(CancellationToken cancellationToken) => StopAsync(new MqttServerStopOptions());
}
