using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Sync.Hubs;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>One action on many devices.</summary>
internal static class DeviceBulkEndpoint
{
    private const int DevicesMax = 10_000;

    /// <summary>What the action does to one device; null when it was done, else why not.</summary>
    private delegate ValueTask<string?> Step(DeviceView view);

    public static async Task<IResult> RunAsync(
        DeviceBulk bulk, Caller caller, FleetState fleet, DeviceViews views, DeviceNotes notes, PlanControlDesk controls,
        DesiredStates desired, HubLink link, HttpContext context)
    {
        var note = context.AuditNote();
        if (Check(bulk, out var model) is { } errors)
            return Problems.BadRequest(errors);
        Step step = bulk.Action switch
        {
            "tag" => view => new(Tag(notes, view, note, tags => tags.Contains(bulk.Tag!) ? tags : [.. tags, bulk.Tag!])),
            "untag" => view => new(Tag(notes, view, note, tags => [.. tags.Where(tag => tag != bulk.Tag)])),
            "drain" or "undrain" => _ => default,
            _ => view => SetModelAsync(view, bulk.Workload!, model, fleet, desired, link, note),
        };
        var results = new List<BulkItem>();
        var found = new List<DeviceView>();
        foreach (var (name, view) in Select(bulk, caller, fleet, views))
        {
            if (view is null)
            {
                results.Add(new BulkItem(name, false, "no such device has reported to this hub"));
                continue;
            }

            found.Add(view);
            var fault = bulk.DryRun ? null : await step(view).ConfigureAwait(false);
            results.Add(new BulkItem(name, fault is null, fault));
        }

        if (!bulk.DryRun && bulk.Action is "drain" or "undrain")
            controls.Drain([.. found.Select(view => view.Device.Value)], bulk.Action == "drain", note);
        var done = results.Count(result => result.Ok);
        return Results.Json(
            new BulkResult(done, results.Count - done, results), OperationsJson.Default.BulkResult);
    }

    private static FieldErrors? Check(DeviceBulk bulk, out ModelReference? model)
    {
        model = null;
        var errors = new FieldErrors();
        if (bulk.Devices is null == bulk.Filter is null)
            errors.Add("devices", "give names, or a filter, and not both");
        if (bulk.Devices is { } names && (names.Count is < 1 or > DevicesMax))
            errors.Add("devices", $"give 1 to {DevicesMax} names, not {names.Count}");
        if (bulk.Filter is { } filter && DeviceEndpoints.Check(filter, "filter.") is { } faults)
            return faults;
        switch (bulk.Action)
        {
            case "tag" or "untag":
                errors.Add(TextRules.Tag("tag", bulk.Tag));
                break;
            case "drain" or "undrain":
                break;
            case "model":
                errors.Add(TextRules.Text("workload", bulk.Workload ?? "", TextRules.FilterMax, 1));
                if (bulk.Model is null)
                    errors.Add("model", "give NAME/VERSION, or empty for the one of the device's configuration");
                else if (bulk.Model.Length > 0 && !ModelNames.TryParse(bulk.Model, out model, out var fault))
                    errors.Add("model", fault);
                break;
            default:
                errors.Add("action", "give tag, untag, drain, undrain or model");
                break;
        }

        return errors.Any ? errors : null;
    }

    private static IEnumerable<(string Name, DeviceView? View)> Select(
        DeviceBulk bulk, Caller caller, FleetState fleet, DeviceViews views)
    {
        if (bulk.Devices is { } names)
            return names.Distinct().Select(name => (
                name, RequestRange.Device(name, out var id) is null && fleet.Sees(caller, id) ? fleet.Find(id) : null));
        var alive = views.AliveAfterMicros;
        return fleet.Seen(caller).Where(view => views.Matches(view, bulk.Filter!, alive))
            .OrderBy(view => view.Device.Value, StringComparer.Ordinal).Select(view => (view.Device.Value, (DeviceView?)view));
    }

    private static string? Tag(
        DeviceNotes notes, DeviceView view, AuditNote audit, Func<IReadOnlyList<string>, IReadOnlyList<string>> change)
    {
        if (change(notes.Of(view.Device).Tags).Count > TextRules.TagsMax)
            return $"it has {TextRules.TagsMax} tags, and takes no more";
        notes.Change(view.Device, null, audit, note => note with
        {
            Tags = [.. change(note.Tags).Order(StringComparer.Ordinal)],
        });
        return null;
    }

    private static async ValueTask<string?> SetModelAsync(
        DeviceView view, string workload, ModelReference? model, FleetState fleet, DesiredStates desired, HubLink link,
        AuditNote note)
    {
        if (view.State.Workloads.All(known => known.Workload != workload))
            return $"it has no workload '{workload}'";
        await link.PublishDesiredAsync(fleet.Tenant, view.Device, desired.SetModel(view, workload, model, note))
            .ConfigureAwait(false);
        return null;
    }
}
