using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
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
            .AddSingleton<BackgroundModels>().AddSingleton<InferenceDesk>().AddSingleton<InferenceService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageBytesMax;
            grpc.MaxSendMessageSize = MessageBytesMax;
        });
        return services;
    }
}
