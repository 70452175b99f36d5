using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Placement.Planning;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Planning;

/// <summary>Keeps plans and the decisions that led to them in the hub's store, and the operator's controls. One thread
/// adds, any thread reads.</summary>
public sealed class PlanArchive(TenantId tenant, HubStore store, PlanHolder plans, ILogger<PlanArchive> logger)
{
    // What waits for a store that is down; older decisions than these are not recorded then.
    private const int WaitingMax = 100;
    private const int MovesWaitingMax = 10_000;

    private readonly Queue<(ulong Version, RecordedDecision Decision)> _waiting = [];
    private readonly Queue<StoredMove> _moves = [];
    private PlanRecord? _unsaved;

    private string ControlsKey => $"plan-controls/{tenant}";

    /// <summary>Takes what a round changed.</summary>
    public void Add(PlanInForce plan, PlanStep step)
    {
        _unsaved = (_unsaved ?? plans.Current).Followed(plan, step.Moves);
        foreach (var move in step.Moves)
        {
            if (_moves.Count == MovesWaitingMax)
                _moves.Dequeue();
            _moves.Enqueue(PlanMove.Of(move, plan.MadeMicros).ToStored());
        }

        if (step is not { Inputs: { } inputs, Decision: { } decision } || decision.Moves.Count == 0)
            return;
        if (_waiting.Count == WaitingMax)
            _waiting.Dequeue();
        _waiting.Enqueue((plan.Version, RecordedDecision.Of(inputs, decision)));
    }

    /// <summary>Writes what was added since; on the disk when this returns.</summary>
    /// <returns>The plan in force; null when nothing was added.</returns>
    /// <exception cref="HubStoreException">The store takes nothing now; the next call tries again.</exception>
    public PlanRecord? Save()
    {
        while (_waiting.TryPeek(out var next))
        {
            store.AppendDecision(tenant, next.Version, DecisionCodec.Encode(next.Decision));
            _waiting.Dequeue();
        }

        if (_unsaved is not { } record)
            return null;
        store.AppendPlan(tenant, record.Plan.Version, record.ToBytes(), [.. _moves]);
        _moves.Clear();
        _unsaved = null;
        return record;
    }

    /// <summary>The plan of an earlier run; null when there is none.</summary>
    public PlanRecord? Newest() =>
        store.Plans(tenant) is [var newest] ? PlanRecord.FromBytes(newest.Content) : null;

    /// <summary>Newest first.</summary>
    /// <param name="before">Only those of a lower version.</param>
    public IReadOnlyList<PlanRecord> History(int limit, long before = long.MaxValue) =>
        [.. store.Plans(tenant, limit, before).Select(plan => PlanRecord.FromBytes(plan.Content))];

    /// <summary>Plans whose decision can be recomputed.</summary>
    public IReadOnlySet<ulong> Decisions(int limit) => store.DecisionVersions(tenant, limit).ToHashSet();

    /// <summary>The decision that led to a plan; null when none is kept.</summary>
    /// <exception cref="InvalidDataException">What is kept is damaged.</exception>
    public RecordedDecision? Decision(ulong version) =>
        store.Decision(tenant, version) is { } bytes ? DecisionCodec.Decode(bytes) : null;

    /// <summary>Keeps pins and drains.</summary>
    /// <exception cref="HubStoreException">The store takes nothing now.</exception>
    public void Keep(PlanControls controls) => store.PutSetting(ControlsKey, JsonSerializer.SerializeToUtf8Bytes(
        new KeptControls(controls.Pins, controls.Drained), PlanJson.Default.KeptControls));

    /// <summary>Pins and drains of an earlier run, over what the configuration says.</summary>
    public PlanControls Restore(PlanControls configured)
    {
        if (store.Setting(ControlsKey) is not { } bytes)
            return configured;
        try
        {
            return JsonSerializer.Deserialize(bytes, PlanJson.Default.KeptControls) is { } kept
                ? configured with { Pins = kept.Pins, Drained = kept.Drained }
                : configured;
        }
        catch (JsonException fault)
        {
            PlanningLog.ControlsUnreadable(logger, fault.Message);
            return configured;
        }
    }
}

/// <summary>Controls that outlive the hub's process.</summary>
internal sealed record KeptControls(IReadOnlyList<Pin> Pins, IReadOnlyList<string> Drained);
