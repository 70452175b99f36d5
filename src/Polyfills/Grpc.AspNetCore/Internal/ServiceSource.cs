using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Where the service of a call comes from: the one there is, the scope of the request, or a new one.</summary>
internal sealed class ServiceSource<TService>
    where TService : class
{
    private static readonly Lazy<ObjectFactory<TService>> Create =
        new(static () => ActivatorUtilities.CreateFactory<TService>([]));

    private readonly IServiceProvider _root;
    private readonly bool _isOne;
    private volatile TService? _one;

    /// <param name="services">As they were registered; null where that is not known.</param>
    public ServiceSource(IServiceProvider root, IServiceCollection? services)
    {
        _root = root;
        var last = services?.LastOrDefault(
            service => service.ServiceType == typeof(TService) && !service.IsKeyedService);
        _isOne = last?.Lifetime == ServiceLifetime.Singleton;
    }

    /// <summary>A service, and whether it is the call's own, to be released after it.</summary>
    public (TService Service, bool IsOwn) Take(HttpContext http)
    {
        // A request's scope costs more than a small call: a service that is one for all needs none.
        if (_isOne)
            return (_one ??= _root.GetRequiredService<TService>(), false);
        if (http.RequestServices.GetService<TService>() is { } registered)
            return (registered, false);
        return (Create.Value(http.RequestServices, []), true);
    }

    public static async ValueTask ReleaseAsync(TService own)
    {
        if (own is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        else
            (own as IDisposable)?.Dispose();
    }
}
