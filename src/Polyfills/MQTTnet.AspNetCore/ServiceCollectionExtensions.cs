using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace MQTTnet.AspNetCore;

/// <summary>Puts the MQTT server into a host.</summary>
public static class ServiceCollectionExtensions
{
    public static IServiceCollection AddHostedMqttServer(this IServiceCollection services, MqttServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddSingleton(options);
        services.AddHostedMqttServer();
        return services;
    }

    /// <summary>
    /// The endpoints of the options are not opened here: connections come through AddMqttConnectionHandler.
    /// </summary>
    public static IServiceCollection AddHostedMqttServer(
        this IServiceCollection services, Action<MqttServerOptionsBuilder> configure)
    {
        var builder = new MqttServerOptionsBuilder();
        configure?.Invoke(builder);
        return services.AddHostedMqttServer(builder.Build());
    }

    public static void AddHostedMqttServer(this IServiceCollection services)
    {
        services.TryAddSingleton<IMqttNetLogger>(MqttNetNullLogger.Instance);
        services.TryAddSingleton(new MqttServerFactory());
        services.AddSingleton<MqttHostedServer>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<MqttHostedServer>());
        services.AddSingleton<MqttServer>(s => s.GetRequiredService<MqttHostedServer>());
    }

    /// <summary>Kestrel's way in; needed by UseMqtt.</summary>
    public static IServiceCollection AddMqttConnectionHandler(this IServiceCollection services)
    {
        services.AddSingleton<MqttConnectionHandler>();
        services.AddSingleton<IMqttServerAdapter>(s => s.GetRequiredService<MqttConnectionHandler>());
        return services;
    }

    public static void AddMqttLogger(this IServiceCollection services, IMqttNetLogger logger)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton(logger);
    }

    /// <summary>AddMqttConnectionHandler and AddHostedMqttServer in one.</summary>
    public static IServiceCollection AddMqttServer(
        this IServiceCollection serviceCollection, Action<MqttServerOptionsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(serviceCollection);
        serviceCollection.AddMqttConnectionHandler();
        serviceCollection.AddHostedMqttServer(configure ?? (_ => { }));
        return serviceCollection;
    }
}
