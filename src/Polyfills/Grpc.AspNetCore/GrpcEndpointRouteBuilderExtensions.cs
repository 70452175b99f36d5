using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds conventions, such as authorization, to all endpoints of a gRPC service.</summary>
public sealed class GrpcServiceEndpointConventionBuilder : IEndpointConventionBuilder
{
    private readonly IReadOnlyList<IEndpointConventionBuilder> _endpoints;

    internal GrpcServiceEndpointConventionBuilder(IReadOnlyList<IEndpointConventionBuilder> endpoints) =>
        _endpoints = endpoints;

    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (var endpoint in _endpoints)
            endpoint.Add(convention);
    }

    public void Finally(Action<EndpointBuilder> finalConvention)
    {
        foreach (var endpoint in _endpoints)
            endpoint.Finally(finalConvention);
    }
}

/// <summary>Maps gRPC services to routes.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves the methods of <typeparamref name="TService"/>, made anew for each call unless it is registered.
    /// </summary>
    /// <exception cref="InvalidOperationException">AddGrpc was not called, or the type is no generated
    /// service.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.ServiceProvider.GetService<GrpcMarker>() is not { } marker)
        {
            throw new InvalidOperationException(
                "Unable to find the required services. Please add all the required services by calling "
                + "'IServiceCollection.AddGrpc' inside the call to 'ConfigureServices(...)' "
                + "in the application startup code.");
        }
        var binder = new ServiceMapper<TService>(builder);
        binder.Map();
        UnknownMethods.Map(builder, marker);
        return new GrpcServiceEndpointConventionBuilder(binder.Endpoints);
    }
}
