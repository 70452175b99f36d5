using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Hub.Api.Status;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Metering;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Starts the hub's own work once its ports are bound (only then is the broker's port known), says which ports
/// it
/// got, and stops that work before the ports close.</summary>
public sealed class HubBackground(IServiceProvider services, HubOptions options, HubListeners listeners)
    : IHostedLifecycleService
{
    private readonly List<IHostedService> _running = [];

    private string PortsFile => Path.Combine(options.DataFolder, "ports.json");

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // What an earlier run left would be believed before this one listens.
        File.Delete(PortsFile);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        IHostedService[] all =
        [
            services.GetRequiredService<IngestService>(),
            services.GetRequiredService<UsageKeeper>(),
            services.GetRequiredService<ChartKeeper>(),
            services.GetRequiredService<PlanningService>(),
            services.GetRequiredService<LiveTopics>(),
            services.GetRequiredService<HubTrend>(),
            services.GetRequiredService<JobRunner>(),
        ];
        foreach (var service in all)
        {
            await service.StartAsync(cancellationToken).ConfigureAwait(false);
            _running.Add(service);
        }

        KeyFiles.WritePublic(PortsFile, JsonSerializer.Serialize(listeners.Ports, PortsJson.Default.HubPorts) + "\n");
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        foreach (var service in Enumerable.Reverse(_running))
            await service.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HubPorts))]
internal sealed partial class PortsJson : JsonSerializerContext;
