using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet.Server;

namespace MQTTnet.AspNetCore;

/// <summary>Reaches the server while the application is put together.</summary>
public static class ApplicationBuilderExtensions
{
    public static IApplicationBuilder UseMqttServer(this IApplicationBuilder app, Action<MqttServer> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);
        configure(app.ApplicationServices.GetRequiredService<MqttServer>());
        return app;
    }
}
