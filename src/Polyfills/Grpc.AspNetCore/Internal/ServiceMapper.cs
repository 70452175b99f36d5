using System.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Asks a generated service for its methods and maps an endpoint for each.</summary>
internal sealed class ServiceMapper<TService> : ServiceBinderBase
    where TService : class
{
    private readonly IEndpointRouteBuilder _builder;
    private readonly CallSettings _settings;
    private readonly ServiceSource<TService> _source;
    private readonly List<IEndpointConventionBuilder> _endpoints = [];

    public ServiceMapper(IEndpointRouteBuilder builder)
    {
        _builder = builder;
        var services = builder.ServiceProvider;
        _source = new ServiceSource<TService>(services, services.GetService<GrpcMarker>()?.Services);
        _settings = CallSettings.Resolve(
            services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value,
            services.GetRequiredService<IOptions<GrpcServiceOptions<TService>>>().Value,
            services.GetService<TimeProvider>() ?? TimeProvider.System,
            services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TService)));
    }

    public IReadOnlyList<IEndpointConventionBuilder> Endpoints => _endpoints;

    public void Map()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } attribute)
                continue;
            var bind = attribute.BindType.GetMethod(
                attribute.BindMethodName, BindingFlags.Public | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                ?? throw new InvalidOperationException(
                    $"{attribute.BindType} has no method {attribute.BindMethodName}.");
            // Without an instance the generated method names its methods only; ours are made per call.
            bind.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [this, null], null);
            return;
        }
        throw new InvalidOperationException(
            $"{typeof(TService)} is not derived from a base class that Grpc.Tools generated from a .proto file.");
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method, typeof(TRequest), typeof(ServerCallContext));
        var invoke = target.CreateDelegate<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>();
        Add(target, method, new UnaryHandler<TService, TRequest, TResponse>(method, _settings, _source, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        var invoke = target
            .CreateDelegate<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>();
        Add(method, target, async (call, service) =>
        {
            call.AllowLongRequests();
            var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller);
            var response = await invoke(service, requests, call).ConfigureAwait(false);
            await call.WriteResponseAsync(method.ResponseMarshaller, response, last: true).ConfigureAwait(false);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = target
            .CreateDelegate<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Add(method, target, async (call, service) =>
        {
            var request = await call.ReadOnlyRequestAsync(method.RequestMarshaller).ConfigureAwait(false);
            var responses = new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller);
            await invoke(service, request, responses, call).ConfigureAwait(false);
        });
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var target = Find(method,
            typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        var invoke = target.CreateDelegate<
            Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>();
        Add(method, target, async (call, service) =>
        {
            call.AllowLongRequests();
            var requests = new RequestStreamReader<TRequest>(call, method.RequestMarshaller);
            var responses = new ResponseStreamWriter<TResponse>(call, method.ResponseMarshaller);
            await invoke(service, requests, responses, call).ConfigureAwait(false);
        });
    }

    private static MethodInfo Find(IMethod method, params Type[] parameters) =>
        typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
        ?? throw new InvalidOperationException(
            $"{typeof(TService)} has no method {method.Name} for {method.FullName}.");

    private void Add(IMethod method, MethodInfo target, Func<HttpContextServerCallContext, TService, Task> serve) =>
        Add(target, method, new StreamHandler<TService>(method, _settings, _source, serve));

    private void Add(MethodInfo target, IMethod method, MethodHandler handler)
    {
        var endpoint = _builder.MapPost(method.FullName, (RequestDelegate)handler.HandleAsync);
        var attributes = typeof(TService).GetCustomAttributes(inherit: true)
            .Concat(target.GetCustomAttributes(inherit: true))
            .Append(new GrpcMethodMetadata(typeof(TService), method))
            .ToArray();
        endpoint.Add(builder =>
        {
            builder.DisplayName = "gRPC - " + method.FullName;
            foreach (var attribute in attributes)
                builder.Metadata.Add(attribute);
        });
        _endpoints.Add(endpoint);
    }
}

/// <summary>The options in force for one service's calls.</summary>
internal sealed record CallSettings(
    int? SendBytesMax,
    int? ReceiveBytesMax,
    bool DetailedErrors,
    System.IO.Compression.CompressionLevel? Compression,
    TimeProvider Clock,
    ILogger Logger)
{
    public static CallSettings Resolve(
        GrpcServiceOptions general, GrpcServiceOptions own, TimeProvider clock, ILogger logger)
    {
        var algorithm = own.ResponseCompressionAlgorithm ?? general.ResponseCompressionAlgorithm;
        if (algorithm is not (null or "identity" or "gzip"))
        {
            throw new InvalidOperationException(
                $"ResponseCompressionAlgorithm is '{algorithm}': use 'gzip', 'identity' or leave it unset.");
        }
        var level = own.ResponseCompressionLevel ?? general.ResponseCompressionLevel
            ?? System.IO.Compression.CompressionLevel.Fastest;
        return new CallSettings(
            own.SetsSendLimit ? own.MaxSendMessageSize : general.MaxSendMessageSize,
            own.SetsReceiveLimit ? own.MaxReceiveMessageSize : general.MaxReceiveMessageSize,
            own.EnableDetailedErrors ?? general.EnableDetailedErrors ?? false,
            algorithm == "gzip" ? level : null,
            clock,
            logger);
    }
}
