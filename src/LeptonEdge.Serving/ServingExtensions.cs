using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Serving.Upstream;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Serving;

/// <summary>Adds the inference protocol to a host.</summary>
public static class ServingExtensions
{
    private const int MessageBytesMax = 4 * 1024 * 1024;

    /// <summary>Needs a <see cref="TimeProvider"/> among the services.</summary>
    public static IServiceCollection AddServing(
        this IServiceCollection services, ServingOptions options, ModelRepository models)
    {
        services.AddSingleton(options).AddSingleton(models).AddSingleton<InferenceScheduler>()
            .AddSingleton<UpstreamPools>().AddSingleton<BackgroundModels>().AddSingleton<InferenceDesk>()
            .AddSingleton<InferenceService>();
        if (options.Upstreams.Count > 0)
            services.AddHostedService(provider => provider.GetRequiredService<UpstreamPools>());
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageBytesMax;
            grpc.MaxSendMessageSize = MessageBytesMax;
        });
        return services;
    }
}
