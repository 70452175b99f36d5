using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Live;

/// <summary><c>GET /api/v1/stream</c>: server-sent events summary, readings (of the channel asked for), alarm, plan and
/// shed (how many events this client was too slow for).</summary>
internal static class StreamEndpoint
{
    public static void MapStream(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/v1/stream", ServeAsync).NeedsAllSites()
        .Is("streamEvents", Tags.Live,
            "Live events as text/event-stream: summary, readings of the chosen channel, alarm, plan, shed.")
        .Produces<string>(StatusCodes.Status200OK, contentType: "text/event-stream");

    private static async Task ServeAsync(HttpContext context, LiveFeed feed, string? device, string? channel)
    {
        if (!TryRead(device, channel, out var deviceId, out var channelName, out var fault))
        {
            await Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "the request is not valid", fault, FieldErrors.Of(fault));
            return;
        }

        if (feed.Join(deviceId, channelName) is not { } client)
        {
            const string Remedy = "close a page, or try again later";
            await Problems.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, $"{LiveFeed.ClientsMax} pages are open", Remedy);
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await WriteAsync(context.Response, client, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the hub stops.
        }
        finally
        {
            feed.Leave(client);
        }
    }

    private static async Task WriteAsync(HttpResponse response, LiveClient client, CancellationToken aborted)
    {
        await response.Body.WriteAsync(": open\n\n"u8.ToArray(), aborted);
        await response.Body.FlushAsync(aborted);
        while (await client.Events.WaitToReadAsync(aborted))
        {
            while (client.Events.TryRead(out var message))
                await response.Body.WriteAsync(message, aborted);
            if (client.TakeShed() is > 0 and var shed)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(new LiveShed(shed), ApiJson.Default.LiveShed);
                await response.Body.WriteAsync(LiveEvent.Format("shed", json), aborted);
            }

            await response.Body.FlushAsync(aborted);
        }
    }

    private static bool TryRead(
        string? device, string? channel, out DeviceId? deviceId, out ChannelName? channelName, out string fault)
    {
        (deviceId, channelName, fault) = (null, null, "");
        if (device is not null)
        {
            fault = RequestRange.Device(device, out var id) ?? "";
            deviceId = id;
        }

        if (fault.Length == 0 && channel is not null)
        {
            fault = RequestRange.Channel(channel, out var name) ?? "";
            channelName = name;
        }

        if (fault.Length > 0)
            return false;
        if (deviceId is null == channelName is null)
            return true;
        fault = "channel: give it with device, or neither";
        return false;
    }
}
