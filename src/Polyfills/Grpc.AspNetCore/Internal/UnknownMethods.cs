using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Shows that AddGrpc was called, and whether the answer to unknown methods is mapped already.</summary>
/// <param name="services">All that is registered, also after AddGrpc.</param>
internal sealed class GrpcMarker(IServiceCollection services)
{
    public IServiceCollection Services => services;

    public bool MapsUnknownMethods { get; set; }
}

/// <summary>Answers gRPC calls that nothing else serves with UNIMPLEMENTED; other requests pass by.</summary>
internal static class UnknownMethods
{
    public static void Map(IEndpointRouteBuilder builder, GrpcMarker marker)
    {
        var options = builder.ServiceProvider.GetRequiredService<IOptions<GrpcServiceOptions>>().Value;
        if (marker.MapsUnknownMethods || options.IgnoreUnknownServices == true)
            return;
        marker.MapsUnknownMethods = true;
        var pattern = RoutePatternFactory.Parse(
            "/{service}/{method}", defaults: null, parameterPolicies: new { method = new OnlyGrpc() });
        builder.Map(pattern, AnswerAsync)
            .WithDisplayName("gRPC - unimplemented")
            .Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue);
    }

    private static Task AnswerAsync(HttpContext http)
    {
        if (!HttpRules.IsGrpc(http))
            return HttpRules.RefuseAsync(http);
        http.Response.ContentType = GrpcProtocol.ContentType;
        HttpRules.WriteStatus(
            http.Response.Headers,
            new Status(StatusCode.Unimplemented, $"Method '{http.Request.Path}' is unimplemented."));
        return Task.CompletedTask;
    }

    private sealed class OnlyGrpc : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext,
            IRouter? route,
            string routeKey,
            RouteValueDictionary values,
            RouteDirection routeDirection) =>
            httpContext is not null
            && HttpMethods.IsPost(httpContext.Request.Method)
            && GrpcProtocol.IsGrpcContentType(httpContext.Request.ContentType);
    }
}
