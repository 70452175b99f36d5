using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Tracing;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Tracing;
using LeptonEdge.Inference.Bundles;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>One workload at work: takes complete windows, has them answered, and keeps account of how it
/// went.</summary>
public sealed class WorkloadRunner : IDisposable
{
    // Windows of one workload that may be under way at once; at 23 windows per second this is two thirds of a second.
    private const int SlotCount = 16;

    // Enough for the runtime to take every method on the way for a hot one.
    private const int RehearsalRounds = 8;
    private const int RehearsalSeed = 1;

    private readonly PipelineQueue _queue;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly WindowSlots _slots = new(SlotCount);
    private LocalModel _model;
    private volatile string _modelRefused = "";
    private volatile WorkloadRoute _route = WorkloadRoute.Local;
    private volatile bool _rehearsing;
    private InferenceRouter? _router;
    private long _shed;
    private long _invalid;
    private long _failed;
    private long _local;
    private long _hub;
    private long _peer;
    private long _late;
    private long _fallbacks;
    private long _peerPassedOver;
    private long _refused;

    public WorkloadRunner(
        WorkloadConfiguration configuration, ChannelName channel, LocalModel model, HubQuestion? question,
        PipelineQueue queue, TimeProvider clock, ILogger<WorkloadRunner> logger, HubQuestion? split = null)
    {
        (Configuration, Channel, _model, _queue, _clock, _logger) =
            (configuration, channel, model, queue, clock, logger);
        var crossing = ((split ?? question)?.First?.CrossingBytes).GetValueOrDefault();
        for (var i = 0; i < SlotCount; i++)
            _slots.Return(new WindowSlot(this, model, question, crossing));
        (Question, Split) = (question, question?.First is null ? split : question);
        Unsure = configuration.OffersCascade ? new UnsureMeter(clock) : null;
        model.SharesHubInput = SharesHubInput(model);
        (LocalLatency, HubLatency, PeerLatency) =
            (new RecentLatencies(clock), new RecentLatencies(clock), new RecentLatencies(clock));
        Tally = question?.Tally ?? new OffloadTally();
        (Windows, Inferences) = (new RateMeter(clock), new RateMeter(clock));
        Alarms = new AlarmDesk(configuration.Id, channel, configuration.Alarms);
    }

    public WorkloadConfiguration Configuration { get; }

    public WorkloadId Id => Configuration.Id;

    /// <summary>The channel (or first channel) that the windows are cut from.</summary>
    public ChannelName Channel { get; }

    /// <summary>The device's model in service.</summary>
    public LocalModel Model => Volatile.Read(ref _model);

    /// <summary>Why the model that the hub desires is not in service; empty when it is.</summary>
    public string ModelRefused
    {
        get => _modelRefused;
        set => _modelRefused = value;
    }

    /// <summary>How the hub is asked; null when the workload may not go there.</summary>
    public HubQuestion? Question { get; }

    /// <summary>How the hub is asked for the rest of a split model; null when there is none. Takes the very input of
    /// <see cref="Question"/>, and is the same one where a split is all that the device offers.</summary>
    public HubQuestion? Split { get; }

    /// <summary>How often the device's model is unsure; null without a cascade.</summary>
    public UnsureMeter? Unsure { get; }

    /// <summary>What was asked elsewhere since the start, of hub and peers.</summary>
    public OffloadTally Tally { get; }

    public AlarmDesk Alarms { get; }

    /// <summary>Raw windows kept around alarms; null where the policy asks for none.</summary>
    public RawWindowRing? Ring { get; set; }

    /// <summary>Where the next window goes. Replaced whole; windows under way keep the route they started on.</summary>
    public WorkloadRoute Route
    {
        get => _route;
        set => _route = value;
    }

    public RecentLatencies LocalLatency { get; }

    public RecentLatencies HubLatency { get; }

    public RecentLatencies PeerLatency { get; }

    /// <summary>From a window being complete to its verdict, wherever it came from.</summary>
    public LatencyHistogram VerdictLatency { get; } = new();

    public RateMeter Windows { get; }

    public RateMeter Inferences { get; }

    /// <summary>Windows that found every slot or the lane's queue taken.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Windows that no model was asked about, for the NaN or infinity in them.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    /// <summary>Inferences that threw.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public long InferencesLocal => Interlocked.Read(ref _local);

    public long InferencesHub => Interlocked.Read(ref _hub);

    public long InferencesPeer => Interlocked.Read(ref _peer);

    public long Late => Interlocked.Read(ref _late);

    public long Fallbacks => Interlocked.Read(ref _fallbacks);

    /// <summary>Windows that a peer was to answer, and the device answered without asking it: it was away, or too
    /// slow.</summary>
    public long PeerPassedOver => Interlocked.Read(ref _peerPassedOver);

    /// <summary>Windows that may still be taken while those under way are.</summary>
    public int FreeSlots => _slots.Free;

    /// <summary>True when no window is under way.</summary>
    public bool IsIdle => _slots.IsIdle;

    public void Connect(InferenceRouter router) => _router = router;

    /// <summary>How the hub is asked in a way; null when it cannot be.</summary>
    public HubQuestion? QuestionOf(OffloadMode mode) => mode == OffloadMode.Split ? Split : Question;

    /// <summary>Puts another model in service between two windows: those under way are finished by the one that they
    /// began with, which is let go after the last of them.</summary>
    public void Swap(LocalModel model)
    {
        model.SharesHubInput = SharesHubInput(model);
        Interlocked.Exchange(ref _model, model).Dispose();
        Unsure?.Clear();
    }

    /// <summary>The last inference once more, for a load drill; on the lane's thread alone.</summary>
    public void Repeat()
    {
        var model = EnterModel();
        try
        {
            model.Repeat();
        }
        finally
        {
            model.Leave();
        }
    }

    /// <summary>Sends noise the whole way from window to answer, before the first real window: code that is compiled on
    /// first use would otherwise make that window late by many times what a verdict takes. No verdict comes of
    /// it.</summary>
    /// <param name="patience">A lane that does not answer for so long is left to the real windows.</param>
    public async Task RehearseAsync(TimeSpan patience)
    {
        var random = new Random(RehearsalSeed);
        var noise = new float[Model.WindowSamples];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (float)(random.NextDouble() - 0.5);
        var start = _clock.GetTimestamp();
        _rehearsing = true;
        for (var round = 0; round < RehearsalRounds && _clock.GetElapsedTime(start) < patience; round++)
        {
            for (var slot = 0; slot < SlotCount; slot++)
                Take(noise, 0, _clock.GetTimestamp());
            while (!IsIdle && _clock.GetElapsedTime(start) < patience)
                await Task.Delay(TimeSpan.FromMilliseconds(1), _clock).ConfigureAwait(false);
        }

        _rehearsing = false;
    }

    /// <summary>Takes one complete window, on the sensor's thread.</summary>
    /// <param name="window">Shape as the model's transforms take it.</param>
    /// <param name="timeMicros">Device time of its last sample.</param>
    /// <param name="completedAt">Timestamp of the clock when the window was complete.</param>
    public void Take(ReadOnlySpan<float> window, long timeMicros, long completedAt)
    {
        if (!_rehearsing)
            Windows.Add();
        if (!_slots.TryRent(out var slot))
        {
            ShedWindow();
            return;
        }

        var model = EnterModel();
        var route = _rehearsing ? WorkloadRoute.Local : Route;
        if (route.Sample is { } sample && Unsure!.IsSampleDue(_router!.IsLaneCalm))
            route = sample;
        // A peer is asked about the model that the device itself runs; until it has the new one, the device answers.
        if (route.Peer is not null && route.Question!.Model != model.Reference)
            route = WorkloadRoute.Local;
        slot.Open(model, timeMicros, completedAt, route);
        slot.Trace = _rehearsing ? null : WindowTraces.Begin(this, timeMicros);
        try
        {
            using var transforming = Traces.Within(slot.Trace, "transform");
            // The local input as well when the hub is asked: it is the answer in reserve.
            model.Transform(window, slot.Features);
            if (route is { Peer: null, Question: { } question } && !model.SharesHubInput)
                question.Transform(window, slot.HubFeatures);
        }
        catch (Exception fault)
        {
            slot.Release();
            InferenceFailed(fault);
            return;
        }

        _router!.Send(this, slot);
    }

    /// <summary>Notes that a window was not given to the model.</summary>
    public void TakeInvalid(long timeMicros, int invalidSamples)
    {
        Windows.Add();
        Interlocked.Increment(ref _invalid);
        _queue.Post(new PipelineItem
        {
            Kind = PipelineItemKind.Invalid, Workload = this, TimeMicros = timeMicros, Count = invalidSamples,
        });
    }

    /// <summary>Has the device's model look at the window, on the lane's thread; what it is unsure of in a cascade goes
    /// on to the hub, and so do the windows of a split model after its first layers.</summary>
    /// <returns>True when the hub is asked: the lane's share in the slot is in reserve from then on.</returns>
    internal bool TryPassOn(WindowSlot slot, out Finding finding)
    {
        finding = default;
        var question = slot.IsFallback ? null : slot.Route.Question;
        if (question is not null && slot.Route.Mode == OffloadMode.Split && _router!.TrySplit(this, slot, question))
            return true;
        using (WindowTraces.Infer(slot.Trace, slot.Model))
            finding = slot.Model.Infer(slot.Features);
        if (Unsure is null)
            return false;
        var unsure = Configuration.Cascade.IsUnsure(finding.Score, slot.Model.Confidence);
        if (!_rehearsing)
            Unsure.Record(unsure);
        return unsure && question is not null && slot.Route.Mode == OffloadMode.Cascade
            && _router!.TryEscalate(this, slot, question, finding);
    }

    /// <summary>The device has its answer to the window, and holds it in reserve.</summary>
    internal void AnsweredInReserve(WindowSlot slot) => LocalLatency.Record(MicrosSince(slot.CompletedAt));

    /// <summary>The one verdict of a window; called by whoever claimed the slot.</summary>
    internal void Answered(WindowSlot slot, in Finding finding, Place place)
    {
        var took = _clock.GetElapsedTime(slot.CompletedAt);
        var micros = (int)Math.Min(int.MaxValue, took.Ticks / TimeSpan.TicksPerMicrosecond);
        var late = took > Configuration.Deadline;
        if (_rehearsing)
            return;
        VerdictLatency.Record(took);
        Count(slot, place, micros);
        if (late)
            Interlocked.Increment(ref _late);
        if (slot.IsFallback && place == Place.Local)
            Interlocked.Increment(ref _fallbacks);
        else if (place == Place.Local && slot.Route.Place == Place.Peer)
            Interlocked.Increment(ref _peerPassedOver);
        Inferences.Add();
        WindowTraces.Answered(slot.Trace, finding, place, late);
        _queue.Post(new PipelineItem
        {
            Trace = slot.Trace, Kind = PipelineItemKind.Answer, Workload = this, TimeMicros = slot.TimeMicros, Finding = finding,
            Model = place == Place.Local ? slot.Model.Reference : slot.Route.Question!.Model, Place = place,
            LatencyMicros = micros, Late = late,
        });
    }

    private void Count(WindowSlot slot, Place place, int micros)
    {
        switch (place)
        {
            case Place.Hub:
                Interlocked.Increment(ref _hub);
                HubLatency.Record(micros);
                break;
            case Place.Peer:
                Interlocked.Increment(ref _peer);
                PeerLatency.Record(micros);
                break;
            default:
                Interlocked.Increment(ref _local);
                if (slot.Held is null)
                    LocalLatency.Record(slot.IsFallback ? MicrosSince(slot.EnqueuedAt) : micros);
                break;
        }
    }

    // A fallback waited for the hub: what counts as local is the time from its turn in the lane's queue.
    private long MicrosSince(long timestamp) => _clock.GetElapsedTime(timestamp).Ticks / TimeSpan.TicksPerMicrosecond;

    internal void InferenceFailed(Exception fault)
    {
        var failed = Interlocked.Increment(ref _failed);
        // The first, and then ever more rarely: a model that always fails must not fill the journal.
        if ((failed & (failed - 1)) == 0)
            WorkloadRunnerLog.Failed(_logger, fault, Id, failed);
    }

    internal void Refused(OffloadResult result)
    {
        if (result is OffloadResult.Refused refused && (Interlocked.Increment(ref _refused) & (_refused - 1)) == 0)
            WorkloadRunnerLog.Refused(_logger, Id, refused.Reason);
    }

    internal void ShedWindow()
    {
        var shed = Interlocked.Increment(ref _shed);
        if ((shed & (shed - 1)) == 0)
            WorkloadRunnerLog.Shed(_logger, Id, shed);
    }

    internal void Return(WindowSlot slot) => _slots.Return(slot);

    public void Dispose()
    {
        Model.Dispose();
        Split?.First?.Dispose();
    }

    private bool SharesHubInput(LocalModel model) => Question?.SharesInputOf(model.Manifest) ?? false;

    // A model that has just been let go is not entered any more: the one after it is there already.
    private LocalModel EnterModel()
    {
        while (true)
        {
            var model = Model;
            if (model.TryEnter())
                return model;
        }
    }
}
