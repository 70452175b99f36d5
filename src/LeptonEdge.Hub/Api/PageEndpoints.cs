using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api;

/// <summary>The dashboard, from resources of the executable: nothing is read from disk, nothing fetched from
/// elsewhere. Its files are open, for they hold no data; what they ask the API for is not.</summary>
internal static class PageEndpoints
{
    // 'blob:' is the preview of a floor plan before it is sent.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Index = "index.html";

    /// <summary>Addresses of the dashboard's own pages: all of them are one file, which reads the address.</summary>
    private static readonly string[] Pages =
    [
        "/", "/sign-in", "/welcome", "/fleet", "/devices/{device}", "/devices/{device}/{tab}", "/sites",
        "/sites/{site}", "/alarms", "/workloads", "/workloads/{tab}",
        "/workloads/{device}/{workload}", "/models", "/jobs",
        "/usage", "/audit", "/settings", "/settings/{tab}",
    ];

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        var files = PageFile.ReadAll();
        foreach (var file in files.Where(file => file.Name != Index))
            Open(routes, "/" + file.Name, file);
        var index = files.FirstOrDefault(file => file.Name == Index)
            ?? throw new InvalidOperationException($"the dashboard's {Index} is not in the executable");
        foreach (var page in Pages)
            Open(routes, page, index);
    }

    /// <summary>Headers of every answer: the page may load nothing but its own, and nobody may frame it.</summary>
    public static void UsePageHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-cache";
        return next(context);
    });

    private static void Open(IEndpointRouteBuilder routes, string address, PageFile file) => routes
        .MapMethods(address, [HttpMethods.Get, HttpMethods.Head], file.ServeAsync)
        .IsOpen().ExcludeFromDescription();
}
