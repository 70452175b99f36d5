using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.DeviceLogs;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>The logs of devices: the newest lines, and new ones as they come.</summary>
internal static class DeviceLogEndpoints
{
    private const string LevelText =
        "Lines of this level and worse: trace, debug, information (standard), warning, error or critical.";

    private const int LinesMax = 1000;
    private const int LinesStandard = 200;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error", "critical"];

    public static void MapDeviceLogs(this RouteGroupBuilder api)
    {
        api.MapGet("/devices/{device}/logs", ReadAsync)
            .Is("readDeviceLog", Tags.Devices,
                "The newest lines of a device's log, oldest first, asked of the device now.",
                "Agents keep their newest lines in memory: at most 2000, and nothing from before their start.")
            .Gives<Page<LogLineView>>()
            .Fails(StatusCodes.Status409Conflict, StatusCodes.Status504GatewayTimeout);
        api.MapGet("/devices/{device}/logs/follow", FollowAsync)
            .Is("followDeviceLog", Tags.Devices, "New lines of a device's log as they come, as server-sent events.",
                "Events are named log; the data of each is one line. Lines that came too fast are counted, and told by "
                + "a line that says so. A comment comes every ten seconds while there is nothing else.")
            .Produces<LogLineView>(StatusCodes.Status200OK, "text/event-stream")
            .Fails(StatusCodes.Status409Conflict, StatusCodes.Status504GatewayTimeout);
    }

    private static async Task<IResult> ReadAsync(
        string device, [Description("At most so many lines: 1 to 1000, 200 where it is left out.")] int? lines,
        [Description(LevelText)]
        string? level, Caller caller, FleetState fleet, DeviceViews views, LogDesk desk, HttpContext context)
    {
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        var errors = new FieldErrors().Add(Level(level, out var finest));
        var most = lines ?? LinesStandard;
        if (most is < 1 or > LinesMax)
            errors.Add("lines", $"{most} is not within 1 to {LinesMax}");
        if (errors.Any)
            return Problems.BadRequest(errors);
        var outcome = views.IsOnline(view)
            ? await desk.ReadAsync(view, most, finest, context.RequestAborted).ConfigureAwait(false)
            : new LogOutcome.NotConnected();
        return outcome is LogOutcome.Answered answer
            ? Results.Json(
                new Page<LogLineView>([.. answer.Lines.Select(Of)], null), OperationsJson.Default.PageLogLineView)
            : Refuse(outcome, view, context);
    }

    private static async Task<IResult> FollowAsync(
        string device,
        [Description(LevelText)]
        string? level, Caller caller, FleetState fleet, DeviceViews views, LogDesk desk, TimeProvider clock,
        IHostApplicationLifetime lifetime, HttpContext context)
    {
        if (fleet.Find(caller, device, out var view) is { } fault)
            return fault;
        if (Level(level, out var finest) is { } error)
            return Problems.BadRequest(error);
        var outcome = views.IsOnline(view)
            ? await desk.FollowAsync(view, finest).ConfigureAwait(false)
            : new LogOutcome.NotConnected();
        if (outcome is not LogOutcome.Followed { Follower: var follower })
            return Refuse(outcome, view, context);
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, lifetime.ApplicationStopping);
            await WriteAsync(follower, context, clock, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page was closed, or the hub stops.
        }
        finally
        {
            desk.Leave(view.Device, follower);
        }

        return Results.Empty;
    }

    private static async Task WriteAsync(
        LogFollower follower, HttpContext context, TimeProvider clock, CancellationToken ended)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.Body.WriteAsync("retry: 2000\n\n"u8.ToArray(), ended).ConfigureAwait(false);
        await response.Body.FlushAsync(ended).ConfigureAwait(false);
        var events = new ArrayBufferWriter<byte>(4096);
        var waiting = follower.WaitAsync(ended).AsTask();
        while (true)
        {
            events.ResetWrittenCount();
            try
            {
                await waiting.WaitAsync(Beat, clock, ended).ConfigureAwait(false);
                while (follower.TryTake(out var line, clock))
                    Append(events, line);
                waiting = follower.WaitAsync(ended).AsTask();
            }
            catch (TimeoutException)
            {
                events.Write(": beat\n\n"u8);
            }

            await response.Body.WriteAsync(events.WrittenMemory, ended).ConfigureAwait(false);
            await response.Body.FlushAsync(ended).ConfigureAwait(false);
            await Task.Delay(Pause, clock, ended).ConfigureAwait(false);
        }
    }

    private static void Append(ArrayBufferWriter<byte> events, LogLine line)
    {
        events.Write("event: log\ndata: "u8);
        events.Write(JsonSerializer.SerializeToUtf8Bytes(Of(line), OperationsJson.Default.LogLineView));
        events.Write("\n\n"u8);
    }

    private static IResult Refuse(LogOutcome outcome, DeviceView view, HttpContext context)
    {
        switch (outcome)
        {
            case LogOutcome.NotConnected:
                return Problems.Conflict(
                    $"{view.Device} is not connected, and only the device has its log: ask again when it is online");
            case LogOutcome.TooOld:
                return Problems.Late(
                    $"the agent of {view.Device} (version {view.State.AgentVersion}) does not know how to send its "
                    + "log: update it, or read its journal on the device");
            case LogOutcome.Silent:
                return Problems.Late(
                    $"{view.Device} did not answer within {LogDesk.Patience.TotalSeconds:0} s: its link may be slow or "
                    + "just broken, so ask again, perhaps for fewer lines");
            default:
                Problems.RetryAfter(context, TimeSpan.FromSeconds(10));
                return Problems.TooMany(
                    $"at most {LogDesk.FollowersOfDeviceMax} follow one device's log and {LogDesk.FollowersMax} any; "
                    + "close a page, or try again later");
        }
    }

    private static string? Level(string? name, out LogLevelCode level)
    {
        var at = name is null ? (int)LogLevelCode.Information : Array.IndexOf(Levels, name);
        level = (LogLevelCode)at;
        return at >= 0 ? null : $"level: give {string.Join(", ", Levels[..^1])} or {Levels[^1]}";
    }

    private static LogLineView Of(LogLine line) => new(
        line.TimeMicros, Levels[Math.Clamp((int)line.Level, 0, Levels.Length - 1)], line.Category, line.Message,
        line.Exception.Length == 0 ? null : line.Exception);
}
