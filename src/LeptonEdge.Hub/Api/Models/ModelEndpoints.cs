using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Serving.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Models;

/// <summary>Models: their versions, what was measured of them, and where they run.</summary>
internal static class ModelEndpoints
{
    private const int DeployedMax = 200;

    private static readonly Listing<ModelView> Orders = new(
        "model", model => model.Model,
        ("model", model => model.Model), ("devices", model => (double)model.Devices),
        ("p99Seconds", model => model.P99Seconds ?? double.NegativeInfinity));

    public static void MapModels(this RouteGroupBuilder api)
    {
        api.MapGet("/models", List)
            .Is("listModels", Tags.Models, "Models that the hub serves or devices run, with where they run.",
                "Sorted by model, devices or p99Seconds.").Gives<Page<ModelView>>();
        api.MapGet("/models/{name}/{version}", Show).Is("getModel", Tags.Models, "One version of a model.")
            .Gives<ModelView>();
    }

    private static IResult List(
        [AsParameters] ListQuery query, Caller caller, FleetState fleet, ModelRepository models) =>
        Orders.Read(query, "models", out var order) is { } fault
            ? Problems.BadRequest(fault)
            : Results.Json(
                Orders.Take(Build(caller, fleet, models), order, model => model), OperationsJson.Default.PageModelView);

    private static IResult Show(string name, string version, Caller caller, FleetState fleet, ModelRepository models) =>
        Build(caller, fleet, models).FirstOrDefault(m => m.Name == name && m.Version == version) is { } model
            ? Results.Json(model, OperationsJson.Default.ModelView)
            : Problems.NotFound("neither the hub nor a device has that model; GET /api/v1/models lists those that there are");

    private static List<ModelView> Build(Caller caller, FleetState fleet, ModelRepository models)
    {
        var deployed = fleet.Seen(caller).SelectMany(view => view.State.Workloads.Select(workload => (
            Key: (workload.Model, workload.ModelVersion),
            Where: new DeployedModel(
                view.Device.Value, workload.Workload, view.State.Site, Views.Number(workload.InferencesPerSecond),
                Views.Number(workload.LocalP99Seconds))))).ToLookup(entry => entry.Key, entry => entry.Where);
        var index = models.Index().ToDictionary(entry => (entry.Name, entry.Version));
        return [.. deployed.Select(group => group.Key).Union(index.Keys).Select(key =>
        {
            var served = index.TryGetValue(key, out var entry) && entry.IsReady ? models.Find(key.Item1, key.Item2) : null;
            return View(key, served, entry?.Reason ?? "", models.Known(key.Item1), [.. deployed[key]]);
        })];
    }

    private static ModelView View(
        (string Name, string Version) key, ServedModel? served, string reason, KnownModel? known,
        IReadOnlyList<DeployedModel> deployed)
    {
        var manifest = served?.Manifest;
        var measured = served is null ? null : known;
        return new ModelView(
            $"{key.Name}/{key.Version}", key.Name, key.Version, manifest?.Description ?? "",
            manifest?.Task.ToString().ToLowerInvariant() ?? "", manifest?.Licence ?? "", manifest?.Classes ?? [],
            manifest?.Files.Values.Max(file => file.Bytes) ?? 0, served is not null, reason,
            measured?.Cost.MeanSeconds, measured?.Cost.P99Seconds, measured?.MemoryBytes,
            deployed.Select(where => where.Device).Distinct().Count(), [.. deployed.Take(DeployedMax)],
            ModelFigures.Files(manifest), ModelFigures.Splits(manifest?.Metrics), ModelFigures.Speed(manifest?.Metrics));
    }
}
