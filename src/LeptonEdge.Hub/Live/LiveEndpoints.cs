using System.ComponentModel;
using LeptonEdge.Core;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Api.Readings;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Live;

/// <summary><c>GET /api/v1/live</c>: server-sent events of the channels and topics that were asked for.</summary>
internal static class LiveEndpoints
{
    public static void MapLive(this RouteGroupBuilder api)
    {
        api.MapGet("/live", ServeAsync)
            .Is("followLive", Tags.Live, "Values and states as they come, as server-sent events.",
                "Events are named values, readings, shed, rows, hub, devices, alarms, plan and jobs; the data of each is the field "
                + "of that name below. Every event but readings is a state: the first ones after opening, or opening again, "
                + "tell all of it. A comment comes every ten seconds while there is nothing else.")
            .Produces<LiveEvents>(StatusCodes.Status200OK, "text/event-stream");
        api.MapPost("/live/subscriptions", Subscribe).Needs(Role.Viewer)
            .Is("subscribeLive", Tags.Live, "Names what a live stream shall follow, where that is too long for an address.")
            .Gives<LiveSubscribed>(StatusCodes.Status201Created);
    }

    private static IResult Subscribe(LiveSubscription wish, Caller caller, LiveSubscriptions subscriptions)
    {
        var errors = LiveWishes.Read(wish, "channels", out var read);
        return errors.Any
            ? Problems.BadRequest(errors)
            : Results.Json(
                new LiveSubscribed(subscriptions.Add(new(caller.Name, read))),
                OperationsJson.Default.LiveSubscribed, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ServeAsync(
        [FromQuery(Name = "channel")] string[] channels, string? topics,
        [FromQuery(Name = "points"), Description("Channels of which each reading is told, each as DEVICE/CHANNEL, at most 20.")]
        string[] points,
        [FromQuery(Name = "rows"), Description("Devices whose rows are told as they change, with commas; * for all.")]
        string[] rows,
        string? subscription, Caller caller, FleetState fleet, HubStore store,
        LiveHub hub, LiveStates states, LiveRows book, LiveSubscriptions subscriptions, TimeProvider clock,
        IHostApplicationLifetime lifetime, HttpContext context)
    {
        var errors = LiveWishes.Read(
            new LiveSubscription(channels, LiveWishes.Split(topics), points, rows), "channel", out var wish);
        if (subscription is not null)
        {
            if (subscriptions.Find(subscription, caller.Name) is not { } entry)
                errors.Add("subscription", "it is not known, or no longer: POST /api/v1/live/subscriptions gives another");
            else
                wish = wish.With(entry.Wish);
        }

        wish = wish.For(fleet, caller);
        if (wish.Channels.Count > ChannelNames.Most)
            errors.Add("channel", $"at most {ChannelNames.Most} channels at once");
        if (wish.Points.Count > LiveWishes.PointsMost)
            errors.Add("points", $"at most {LiveWishes.PointsMost} channels at once");
        if (errors.Any)
            return Problems.BadRequest(errors);
        if (caller.Sites is not null && (wish.Topics & LiveTopic.Jobs) != 0)
            return Problems.Result(
                StatusCodes.Status403Forbidden, "not allowed",
                "topics: jobs belong to no site, and are for callers who see all of them; leave jobs out");
        if (hub.Join(wish) is not { } reader)
        {
            Problems.RetryAfter(context, TimeSpan.FromSeconds(10));
            return Problems.Unavailable($"{LiveHub.ClientsMax} streams are open: close a page, or try again later");
        }

        try
        {
            Fill(reader, wish.Channels, fleet.Tenant, store);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, lifetime.ApplicationStopping);
            await new LiveWriter(reader, hub, states, book, caller, clock).RunAsync(context, ended.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the hub stops.
        }
        finally
        {
            hub.Leave(reader);
        }

        return Results.Empty;
    }

    // What was stored before the stream was opened; what comes meanwhile is newer and stays.
    private static void Fill(
        LiveReader reader, IReadOnlyList<(DeviceId Device, ChannelName Channel)> names, TenantId tenant, HubStore store)
    {
        var latest = store.LatestReadings(tenant, names);
        for (var slot = 0; slot < names.Count; slot++)
        {
            if (latest.TryGetValue(names[slot], out var reading) && reader.Channels[slot].Json is null)
                reader.Channels[slot].Take(reading.TimeMicros, reading.Value);
            reader.Mark(slot);
        }
    }
}
