using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Upstream;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Serving.Rest;

/// <summary>The protocol's REST form, with Triton's extensions for binary data, repository, configuration and
/// statistics.</summary>
public static class InferenceEndpoints
{
    private const string JsonType = "application/json";
    private const string BinaryType = "application/octet-stream";
    private const string Model = "/models/{name}";
    private const string Version = "/models/{name}/versions/{version}";

    public static RouteGroupBuilder MapInferenceRest(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v2");
        Get(group, "", (_, desk) => Say(Descriptions.Server(desk.Options)));
        Map(group.MapGet("/health/live", Answer((context, _) => SayAsync(context, "live", true))));
        Map(group.MapGet("/health/ready", Answer((context, desk) =>
            SayAsync(context, "ready", desk.Models.Failed == 0))));
        Get(group, "/models/stats", (context, desk) => Say(Statistics(context, desk, "", "")));
        foreach (var model in (string[])[Model, Version])
        {
            Get(group, model, async (context, desk) => await ModelAnswers.MetadataAsync(
                desk, Name(context), VersionOf(context), UpstreamPath.Of(context), context.RequestAborted)
                .ConfigureAwait(false));
            Get(group, $"{model}/config", async (context, desk) => (await ModelAnswers.ConfigAsync(
                desk, Name(context), VersionOf(context), UpstreamPath.Of(context), context.RequestAborted)
                .ConfigureAwait(false)).Config);
            Get(group, $"{model}/stats", (context, desk) =>
                Say(Statistics(context, desk, Name(context), VersionOf(context))));
            Map(group.MapGet($"{model}/ready", Answer(ModelReadyAsync)));
            Map(group.MapPost($"{model}/infer", Answer(InferAsync)));
        }

        Map(group.MapPost("/repository/index", Answer(IndexAsync)));
        Map(group.MapPost("/repository/models/{name}/load", Answer((context, desk) =>
            ChangeAsync(context, desk.LoadAsync(context, Name(context))))));
        Map(group.MapPost("/repository/models/{name}/unload", Answer((context, desk) =>
            ChangeAsync(context, desk.UnloadAsync(context, Name(context))))));
        return group;
    }

    private static async Task InferAsync(HttpContext context, InferenceDesk desk)
    {
        using var body = await RestBody.ReadAsync(context).ConfigureAwait(false);
        var reader = new RestRequestReader(body);
        var caller = desk.Options.CallerOf(context);
        var id = reader.Id;
        var answer = await desk.InferAsync(
            Name(context), VersionOf(context), UpstreamPath.Of(context), caller, reader.Workload,
            model => reader.Read(model, caller), context.RequestAborted).ConfigureAwait(false);
        var (bytes, jsonBytes) = RestReplyWriter.Write(id, answer, reader.Binary);
        if (jsonBytes < bytes.Length || reader.Binary.Contains(true))
            context.Response.Headers[RestBody.HeaderLength] = jsonBytes.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = jsonBytes < bytes.Length ? BinaryType : JsonType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task ModelReadyAsync(HttpContext context, InferenceDesk desk)
    {
        var (name, version) = (Name(context), VersionOf(context));
        if (!await ModelAnswers.IsReadyAsync(desk, name, version, UpstreamPath.Of(context), context.RequestAborted)
            .ConfigureAwait(false))
            throw desk.Models.Unknown(name, version);
        await WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteBoolean("ready", true);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task IndexAsync(HttpContext context, InferenceDesk desk)
    {
        using var body = await RestBody.ReadAsync(context).ConfigureAwait(false);
        var readyOnly = body.Root.ValueKind == JsonValueKind.Object
            && body.Root.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.True;
        var models = ModelAnswers.Index(desk, readyOnly, UpstreamPath.Of(context)).Models;
        var field = RepositoryIndexResponse.Descriptor.FindFieldByNumber(RepositoryIndexResponse.ModelsFieldNumber);
        await WriteAsync(context, json => MessageJson.WriteList(json, models, field)).ConfigureAwait(false);
    }

    private static async Task ChangeAsync(HttpContext context, Task change)
    {
        await change.ConfigureAwait(false);
        context.Response.ContentType = JsonType;
        context.Response.ContentLength = 0;
    }

    private static Task SayAsync(HttpContext context, string name, bool value)
    {
        context.Response.StatusCode = value ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean(name, value);
            json.WriteEndObject();
        });
    }

    private static void Get(
        IEndpointRouteBuilder group, string path, Func<HttpContext, InferenceDesk, Task<IMessage>> describe) =>
        Map(group.MapGet(path, Answer(async (context, desk) =>
        {
            var message = await describe(context, desk).ConfigureAwait(false);
            await WriteAsync(context, json => MessageJson.Write(json, message)).ConfigureAwait(false);
        })));

    private static ModelStatisticsResponse Statistics(HttpContext context, InferenceDesk desk, string name, string version)
    {
        desk.RequireCounts(context);
        return ModelAnswers.Statistics(desk, name, version);
    }

    private static Task<IMessage> Say(IMessage message) => Task.FromResult(message);

    // Not in the API's own description: this protocol has one of its own.
    private static void Map(IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(new NotInDescription());

    private static RequestDelegate Answer(Func<HttpContext, InferenceDesk, Task> answer) => async context =>
    {
        try
        {
            await answer(context, context.RequestServices.GetRequiredService<InferenceDesk>()).ConfigureAwait(false);
        }
        catch (ServingException refused)
        {
            await RestFaults.WriteAsync(context, refused).ConfigureAwait(false);
        }
        catch (BadHttpRequestException refused)
        {
            await RestFaults.WriteAsync(context, refused.StatusCode, refused.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; nobody reads an answer.
        }
    };

    private static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        context.Response.ContentType = JsonType;
        context.Response.ContentLength = buffer.Length;
        return context.Response.Body.WriteAsync(buffer.ToArray(), context.RequestAborted).AsTask();
    }

    private static string Name(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static string VersionOf(HttpContext context) => context.Request.RouteValues["version"] as string ?? "";

    private sealed class NotInDescription : IExcludeFromDescriptionMetadata
    {
        public bool ExcludeFromDescription => true;
    }
}
