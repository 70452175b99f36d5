using LeptonEdge.Agent.Configuration;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The one thread of the device that runs models, in order of arrival, from a bounded queue.</summary>
/// <remarks>
/// One thread, because two inferences at once on a small board take turns anyway and make both late. A thread of its
/// own, because a window then passes from the sensor's thread to the model in one hand-over, past the thread pool.
/// </remarks>
public sealed class InferenceLane : IDisposable
{
    private static readonly TimeSpan DrillSlice = TimeSpan.FromMilliseconds(0.35);
    private const int IdleWaitMilliseconds = 250;

    private readonly object _gate = new();
    private readonly LaneWork[] _queue;
    private readonly ReserveList _reserve;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LaneSettings _settings;
    private readonly Thread _thread;
    private int _head;
    private int _waiting;
    private bool _stopping;
    private bool _busy;
    private Drill? _drill;
    private long _failed;
    private long _heartbeat;

    public InferenceLane(LaneSettings settings, TimeProvider clock, ILogger<InferenceLane> logger)
    {
        (_settings, _clock, _logger) = (settings, clock, logger);
        _queue = new LaneWork[settings.QueueMax];
        _reserve = new ReserveList(settings.QueueMax);
        Meter = new LaneMeter(clock);
        _heartbeat = clock.GetTimestamp();
        _thread = new Thread(Loop) { IsBackground = true, Name = "inference-lane" };
    }

    public LaneMeter Meter { get; }

    /// <summary>Pieces of work that threw.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>When the loop last turned, a timestamp of the clock.</summary>
    public long Heartbeat => Interlocked.Read(ref _heartbeat);

    /// <summary>How long work that enters the queue now would wait, by what is before it; allocates nothing.</summary>
    public TimeSpan Backlog
    {
        get
        {
            var service = Meter.MeanServiceSeconds;
            lock (_gate)
            {
                var before = (_waiting + (Volatile.Read(ref _busy) ? 1 : 0)) * service;
                if (_drill is { } drill)
                    before += drill.Schedule.BacklogSeconds(_clock.GetElapsedTime(drill.StartedAt).TotalSeconds);
                return TimeSpan.FromSeconds(before);
            }
        }
    }

    public bool DrillRuns => Volatile.Read(ref _drill) is not null;

    public void Start() => _thread.Start();

    /// <summary>Puts the work at the end of the queue; allocates nothing.</summary>
    /// <returns>False when the queue is full or the lane stops: the caller keeps the work and says what it
    /// sheds.</returns>
    public bool TryEnqueue(LaneWork work)
    {
        lock (_gate)
        {
            if (_stopping || _waiting == _queue.Length)
                return false;
            work.EnqueuedAt = _clock.GetTimestamp();
            _queue[(_head + _waiting) % _queue.Length] = work;
            _waiting++;
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Holds work in reserve: it enters the queue at the given time, or when <see cref="Hasten"/> says
    /// so.</summary>
    /// <remarks>The lane keeps that time itself: on a busy board a timer of the thread pool would come too
    /// late.</remarks>
    /// <param name="dueAt">A timestamp of the clock.</param>
    /// <returns>False when too much is held already or the lane stops.</returns>
    public bool TryReserve(LaneWork work, long dueAt)
    {
        lock (_gate)
        {
            if (_stopping || !_reserve.TryAdd(work, dueAt))
                return false;
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Lets work that is held in reserve enter the queue now.</summary>
    public void Hasten(LaneWork work)
    {
        lock (_gate)
        {
            _reserve.Hasten(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Starts a drill in place of one that may be running.</summary>
    /// <param name="inference">One real inference; it is repeated to fill a slice of about 0.4 ms.</param>
    public void StartDrill(LoadDrillSchedule schedule, Action inference)
    {
        lock (_gate)
        {
            _drill = new Drill(schedule, inference, _clock.GetTimestamp());
            Monitor.Pulse(_gate);
        }
    }

    public void StopDrill()
    {
        lock (_gate)
            _drill = null;
    }

    /// <summary>Takes no new work, finishes what waits, and ends the thread.</summary>
    /// <returns>False when the work did not end in time.</returns>
    public bool Stop(TimeSpan patience)
    {
        lock (_gate)
        {
            _stopping = true;
            _drill = null;
            Monitor.Pulse(_gate);
        }

        return !_thread.IsAlive || _thread.Join(patience);
    }

    public void Dispose() => Stop(TimeSpan.FromSeconds(1));

    private void Loop()
    {
        if (!ThreadUrgency.TryRaise(_settings.Nice))
            InferenceLaneLog.NotUrgent(_logger, _settings.Nice);
        while (TryNext(out var work, out var drill))
        {
            if (work is not null)
                RunOne(work);
            else if (drill is not null)
                RunSlice(drill);
        }
    }

    // What arrived first runs first, a drill's slice by the time it was due.
    private bool TryNext(out LaneWork? work, out Drill? drill)
    {
        (work, drill) = (null, null);
        lock (_gate)
        {
            Interlocked.Exchange(ref _heartbeat, _clock.GetTimestamp());
            work = AdmitReserve();
            if (work is not null)
                return true;
            var wait = IdleWaitMilliseconds;
            if (_drill is { } running)
            {
                var now = _clock.GetElapsedTime(running.StartedAt).TotalSeconds;
                if (now >= running.Schedule.Seconds)
                    _drill = null;
                else if (running.Schedule.NextSeconds <= now && !HeadCameBefore(running))
                    drill = running;
                else
                    wait = Math.Clamp((int)((running.Schedule.NextSeconds - now) * 1000), 1, IdleWaitMilliseconds);
            }

            if (drill is not null)
                return true;
            if (_waiting > 0)
            {
                work = _queue[_head];
                _queue[_head] = null!;
                _head = (_head + 1) % _queue.Length;
                _waiting--;
                return true;
            }

            if (_stopping)
                return false;
            Monitor.Wait(_gate, WaitMilliseconds(wait));
            return true;
        }
    }

    /// <returns>Work that needs no model: it does not wait for those that do.</returns>
    private LaneWork? AdmitReserve()
    {
        // A lane that stops waits for nobody: what is held in reserve is answered now.
        var now = _stopping ? long.MaxValue : _clock.GetTimestamp();
        while (_reserve.TryTake(now, onlyReady: _waiting == _queue.Length, out var due))
        {
            due.EnqueuedAt = _clock.GetTimestamp();
            if (due.NeedsNoModel)
                return due;
            _queue[(_head + _waiting) % _queue.Length] = due;
            _waiting++;
        }

        return null;
    }

    private int WaitMilliseconds(int wait)
    {
        var next = _reserve.NextDue;
        if (next == long.MaxValue)
            return wait;
        var until = (next - _clock.GetTimestamp()) * 1000.0 / _clock.TimestampFrequency;
        return Math.Clamp((int)until, 1, wait);
    }

    private bool HeadCameBefore(Drill drill) =>
        _waiting > 0
        && _clock.GetElapsedTime(drill.StartedAt, _queue[_head].EnqueuedAt).TotalSeconds <= drill.Schedule.NextSeconds;

    private void RunOne(LaneWork work)
    {
        // The meter measures what models take: pieces of no work would make them look quicker than they are.
        var metered = !work.NeedsNoModel;
        if (metered)
            Meter.Begin();
        Volatile.Write(ref _busy, metered);
        try
        {
            work.Run();
        }
        catch (Exception fault)
        {
            // Whatever a model or a driver of an accelerator throws: this window is lost to it, the next one is not.
            Interlocked.Increment(ref _failed);
            work.Failed(fault);
        }
        finally
        {
            Volatile.Write(ref _busy, false);
            if (metered)
                Meter.End();
        }
    }

    private void RunSlice(Drill drill)
    {
        var start = _clock.GetTimestamp();
        Meter.Begin();
        try
        {
            do
                drill.Inference();
            while (_clock.GetElapsedTime(start) < DrillSlice);
        }
        catch (Exception fault)
        {
            Interlocked.Increment(ref _failed);
            InferenceLaneLog.DrillFailed(_logger, fault);
            StopDrill();
        }
        finally
        {
            var took = Meter.End();
            drill.Schedule.Advance(_clock.GetElapsedTime(drill.StartedAt).TotalSeconds, took.TotalSeconds);
        }
    }

    private sealed record Drill(LoadDrillSchedule Schedule, Action Inference, long StartedAt);
}

internal static partial class InferenceLaneLog
{
    [LoggerMessage(1, LogLevel.Information,
        "The inference lane runs at ordinary urgency: nice {Nice} was refused (LimitNICE= in the unit grants it)")]
    public static partial void NotUrgent(ILogger logger, int nice);

    [LoggerMessage(2, LogLevel.Error, "The load drill ended: its inference failed")]
    public static partial void DrillFailed(ILogger logger, Exception fault);
}
