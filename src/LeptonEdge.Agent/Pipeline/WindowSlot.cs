using System.Diagnostics;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Tracing;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Inference.Bundles;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>One window on its way to a verdict: the features and who may still answer. Slots are made once per
/// workload and go round; a slot is free again when the lane and the hub's call have both let go of it.</summary>
public sealed class WindowSlot : LaneWork
{
    private readonly WorkloadRunner _runner;
    private readonly float[] _hubFeatures;
    private bool _sharesInput;
    private Finding _held;
    private bool _holds;
    private int _holders;
    private int _answered;

    /// <param name="model">The model in service at first.</param>
    /// <param name="question">Null when the workload must stay on the device.</param>
    /// <param name="crossingBytes">Of what the first stage of a split model gives; 0 where nothing is split.</param>
    internal WindowSlot(WorkloadRunner runner, LocalModel model, HubQuestion? question, int crossingBytes)
    {
        (_runner, Model, Features) = (runner, model, new float[model.FeatureCount]);
        _hubFeatures = new float[question?.FeatureCount ?? 0];
        Crossing = new byte[crossingBytes];
    }

    /// <summary>The device's model that was in service when the window was complete; it stays loaded while the slot is
    /// held.</summary>
    public LocalModel Model { get; private set; }

    /// <summary>The local model's input, shape (N,).</summary>
    public float[] Features { get; private set; }

    /// <summary>The hub's model's input, shape (M,); the same array as <see cref="Features"/> where both models take
    /// the same.</summary>
    public float[] HubFeatures => _sharesInput ? Features : _hubFeatures;

    /// <summary>What the first stage of a split model made of the window; empty where nothing is split.</summary>
    public byte[] Crossing { get; }

    /// <summary>Device time of the window's last sample, microseconds since 1970-01-01 UTC.</summary>
    public long TimeMicros { get; private set; }

    /// <summary>When the window was complete, a timestamp of the clock.</summary>
    public long CompletedAt { get; private set; }

    /// <summary>The route that its workload had when it was complete.</summary>
    public WorkloadRoute Route { get; private set; } = WorkloadRoute.Local;

    /// <summary>The window's span; null when it is not traced.</summary>
    public Activity? Trace { get; internal set; }

    /// <summary>The hub was asked; the lane answers only when the hub does not.</summary>
    public bool IsFallback { get; private set; }

    /// <summary>What the small model found, while the hub is asked for better; null when there is nothing in
    /// reserve.</summary>
    public Finding? Held => _holds ? _held : null;

    /// <summary>Nobody has answered yet.</summary>
    public bool IsOpen => Volatile.Read(ref _answered) == 0;

    /// <inheritdoc/>
    public override bool NeedsNoModel => _holds || !IsOpen;

    /// <param name="model">Entered by the caller; left when the slot is free again.</param>
    internal void Open(LocalModel model, long timeMicros, long completedAt, WorkloadRoute route)
    {
        (Model, _sharesInput) =
            (model, route.Peer is not null || (route.Question is not null && model.SharesHubInput));
        // Once for each slot after a swap to a model with another input.
        if (Features.Length != model.FeatureCount)
            Features = new float[model.FeatureCount];
        (TimeMicros, CompletedAt, Route, IsFallback, _holds) = (timeMicros, completedAt, route, false, false);
        Volatile.Write(ref _answered, 0);
        Volatile.Write(ref _holders, 1);
    }

    /// <summary>Gives the slot to a call as well, while the lane still holds it.</summary>
    internal void HoldForCall() => Interlocked.Increment(ref _holders);

    /// <summary>Gives the slot to the lane's reserve as well, while the hub's call still holds it.</summary>
    internal void HoldForFallback()
    {
        IsFallback = true;
        HoldForCall();
    }

    /// <summary>Takes <see cref="HoldForFallback"/> back.</summary>
    internal void ReleaseFallback()
    {
        IsFallback = false;
        Release();
    }

    /// <summary>Keeps a finding in reserve.</summary>
    internal void Hold(in Finding finding) => (_held, _holds) = (finding, true);

    /// <summary>Takes <see cref="Hold"/> back.</summary>
    internal void Drop() => _holds = false;

    /// <summary>Lets go; the last holder returns the slot.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        WindowTraces.End(Trace);
        Model.Leave();
        _runner.Return(this);
    }

    /// <summary>True for the first who asks: one window has one verdict.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref _answered, 1) == 0;

    public override void Run()
    {
        // The hub may have answered while this waited in the queue: then the lane's time is better spent on the next
        // one.
        if (IsOpen)
        {
            var finding = _held;
            if (!_holds && _runner.TryPassOn(this, out finding))
                return;
            if (TryClaim())
                _runner.Answered(this, finding, Place.Local);
        }

        Release();
    }

    public override void Failed(Exception fault)
    {
        using (Traces.Enter(Trace))
            _runner.InferenceFailed(fault);
        Release();
    }
}
