using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api.Common;
using LeptonEdge.Hub.Api.OpenApi;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Live;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Alarms;
using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LeptonEdge.Hub.Api.Alarms;

/// <summary>Alarms from raising to clearing: who saw them, who takes care, what was said.</summary>
internal static class AlarmEndpoints
{
    private const int BulkMax = 1000;
    private const int NameMax = 100;

    public static void MapAlarms(this RouteGroupBuilder group)
    {
        var api = group.MapGroup("/alarms").AddEndpointFilter<RouteGroupBuilder, StoreGate>();
        api.MapGet("", List)
            .Is("listAlarms", Tags.Alarms, "Alarms: those that stand, that are cleared, or all.",
                "Sorted by raised, changed, severity or device; without a word -raised, the newest first.")
            .Gives<Page<AlarmView>>();
        api.MapGet("/{id:long}", Show).Is("getAlarm", Tags.Alarms, "One alarm.").Gives<AlarmView>();
        api.MapPatch("/{id:long}", Change).Audited("alarm.change")
            .Is("changeAlarm", Tags.Alarms, "Acknowledges or assigns an alarm.").Gives<AlarmView>()
            .Fails(StatusCodes.Status412PreconditionFailed);
        api.MapPost("/{id:long}/acknowledge", Acknowledge).Audited("alarm.acknowledge")
            .Is("acknowledgeAlarm", Tags.Alarms, "Says that somebody has seen an alarm.").Gives<AlarmView>();
        api.MapGet("/{id:long}/comments", ListComments)
            .Is("listAlarmComments", Tags.Alarms, "What was said about an alarm, oldest first.")
            .Gives<Page<AlarmCommentView>>();
        api.MapPost("/{id:long}/comments", Comment).Creates().Audited("alarm.comment")
            .Is("commentAlarm", Tags.Alarms, "Says something about an alarm.")
            .Gives<AlarmView>(StatusCodes.Status201Created);
        api.MapPost("/bulk", Bulk).Audited("alarm.bulk")
            .Is("changeAlarms", Tags.Alarms, "Acknowledges, assigns or comments many alarms; each tells what became of it.")
            .Gives<BulkResult>();
    }

    private static IResult List(
        [AsParameters] AlarmQuery query, [AsParameters] ListQuery paging, Caller caller, FleetState fleet, HubStore store)
    {
        var errors = query.Read(fleet.Tenant, caller, fleet, out var filter) ?? new FieldErrors();
        errors.Add(AlarmPaging.Read(paging, $"alarms {query}", out var page));
        return errors.Any
            ? Problems.BadRequest(errors)
            : Results.Json(
                AlarmPaging.Take(store, filter, page, alarm => AlarmViews.Of(alarm, fleet)),
                OperationsJson.Default.PageAlarmView);
    }

    private static IResult Show(long id, Caller caller, FleetState fleet, HubStore store, HttpContext context) =>
        Find(store, fleet, caller, id) is { } alarm ? Tell(alarm, fleet, context) : Unknown(id);

    private static IResult Change(
        long id, AlarmPatch patch, Caller caller, FleetState fleet, HubStore store, LiveHub live, HttpContext context)
    {
        if (ETags.Read(context, out var version) is { } fault)
            return Problems.BadRequest(fault);
        if (TextRules.Text("assignee", patch.Assignee, NameMax) is { } textFault)
            return Problems.BadRequest(textFault);
        var change = new AlarmChange(caller.Name, patch.Acknowledged, patch.Assignee, IfVersion: version);
        return Apply(id, change, caller, fleet, store, live, context);
    }

    private static IResult Acknowledge(
        long id, Caller caller, FleetState fleet, HubStore store, LiveHub live, HttpContext context) =>
        Apply(id, new AlarmChange(caller.Name, Acknowledged: true), caller, fleet, store, live, context);

    private static IResult ListComments(
        long id, [AsParameters] PageQuery paging, Caller caller, FleetState fleet, HubStore store)
    {
        var scope = $"comments {id}";
        if (StoredPage.Read(paging, scope, out var page) is { } fault)
            return Problems.BadRequest(fault);
        if (Find(store, fleet, caller, id) is null)
            return Unknown(id);
        var after = page.Before == long.MaxValue ? 0 : page.Before;
        return Results.Json(
            StoredPage.Of(
                store.AlarmComments(id, page.Limit + 1, after), page.Limit, scope, c => c.Id,
                c => new AlarmCommentView(c.Id, c.Author, c.TimeMicros, c.Text)),
            OperationsJson.Default.PageAlarmCommentView);
    }

    private static IResult Comment(
        long id, NewAlarmComment comment, Caller caller, FleetState fleet, HubStore store, LiveHub live,
        HttpContext context) =>
        TextRules.Text("text", comment.Text, TextRules.NoteMax, 1) is { } fault
            ? Problems.BadRequest(fault)
            : Apply(
                id, new AlarmChange(caller.Name, Comment: comment.Text), caller, fleet, store, live, context,
                StatusCodes.Status201Created);

    private static IResult Bulk(
        AlarmBulk bulk, Caller caller, FleetState fleet, HubStore store, LiveHub live, HttpContext context)
    {
        if (Read(bulk, caller, out var change) is { } errors)
            return Problems.BadRequest(errors);
        var note = context.AuditNote();
        // All in one transaction, each with an entry of its own.
        var results = store.Together(() =>
        {
            var found = new List<BulkItem>(bulk.Ids.Count);
            foreach (var id in bulk.Ids)
            {
                var before = Find(store, fleet, caller, id);
                var (outcome, after) = before is null
                    ? (AlarmChanged.Unknown, null)
                    : store.ChangeAlarm(fleet.Tenant, id, change);
                if (outcome == AlarmChanged.Done)
                    note.Also(id.ToString(), AlarmViews.Of(before!, fleet), AlarmViews.Of(after!, fleet));
                found.Add(new BulkItem(id.ToString(), outcome == AlarmChanged.Done, Say(outcome)));
            }

            return found;
        });
        live.Note(LiveTopic.Alarms);
        var done = results.Count(result => result.Ok);
        return Results.Json(
            new BulkResult(done, results.Count - done, results), OperationsJson.Default.BulkResult);
    }

    private static FieldErrors? Read(AlarmBulk bulk, Caller caller, out AlarmChange change)
    {
        var errors = new FieldErrors();
        if (bulk.Ids.Count is < 1 or > BulkMax)
            errors.Add("ids", $"give 1 to {BulkMax} numbers, not {bulk.Ids.Count}");
        change = new AlarmChange(caller.Name);
        switch (bulk.Action)
        {
            case "acknowledge" or "unacknowledge":
                change = change with { Acknowledged = bulk.Action == "acknowledge" };
                break;
            case "assign":
                if (bulk.Assignee is null)
                    errors.Add("assignee", "give a name, or empty for nobody");
                errors.Add(TextRules.Text("assignee", bulk.Assignee, NameMax));
                change = change with { Assignee = bulk.Assignee };
                break;
            case "comment":
                errors.Add(TextRules.Text("text", bulk.Text ?? "", TextRules.NoteMax, 1));
                change = change with { Comment = bulk.Text };
                break;
            default:
                errors.Add("action", "give acknowledge, unacknowledge, assign or comment");
                break;
        }

        return errors.Any ? errors : null;
    }

    private static IResult Apply(
        long id, AlarmChange change, Caller caller, FleetState fleet, HubStore store, LiveHub live, HttpContext context,
        int status = StatusCodes.Status200OK)
    {
        var note = context.AuditNote();
        note.Answer = said => Answer(said, fleet);
        var (outcome, after) = store.Together(() =>
        {
            if (Find(store, fleet, caller, id) is not { } before)
                return (AlarmChanged.Unknown, null);
            note.Before = AlarmViews.Of(before, fleet);
            return store.ChangeAlarm(fleet.Tenant, id, change);
        });
        switch (outcome)
        {
            case AlarmChanged.Done:
                live.Note(LiveTopic.Alarms);
                return Tell(after!, fleet, context, status);
            case AlarmChanged.Differs:
                return ETags.Differs($"alarm {id}");
            default:
                return outcome == AlarmChanged.Full ? Problems.Conflict(Say(outcome)!) : Unknown(id);
        }
    }

    private static KeptAnswer? Answer(object? said, FleetState fleet) =>
        said is (AlarmChanged.Done, AlarmState after)
            ? KeyClaim.Json(AlarmViews.Of(after, fleet), OperationsJson.Default.AlarmView, StatusCodes.Status201Created)
            : null;

    private static IResult Tell(
        AlarmState alarm, FleetState fleet, HttpContext context, int status = StatusCodes.Status200OK)
    {
        ETags.Set(context, alarm.Version);
        return Results.Json(
            AlarmViews.Of(alarm, fleet), OperationsJson.Default.AlarmView, statusCode: status);
    }

    private static AlarmState? Find(HubStore store, FleetState fleet, Caller caller, long id) =>
        store.AlarmState(fleet.Tenant, id) is { } alarm && fleet.Sees(caller, alarm.Device) ? alarm : null;

    private static string? Say(AlarmChanged outcome) => outcome switch
    {
        AlarmChanged.Done => null,
        AlarmChanged.Full => $"text: the alarm has {AlarmStateQueries.CommentsMax} comments, and takes no more",
        AlarmChanged.Differs => "it was changed since",
        _ => "there is no such alarm",
    };

    private static IResult Unknown(long id) =>
        Problems.NotFound($"there is no alarm {id}; GET /api/v1/alarms?state=all lists those that there are");
}
