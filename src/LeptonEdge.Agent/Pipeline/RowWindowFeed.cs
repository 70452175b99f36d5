namespace LeptonEdge.Agent.Pipeline;

/// <summary>Puts the readings of several slow channels together into rows, one per sampling time, and the rows into
/// windows: all rows of the first channel, then all of the second, and so on.</summary>
/// <remarks>
/// A row is complete when each channel has a reading for its time. Channels of one driver carry the same time; those of
/// different drivers may differ by up to half a period. A time that some channel left out ends the window: a model
/// never sees rows that did not follow one another. Channels may come from different threads, hence the lock.
/// </remarks>
public sealed class RowWindowFeed
{
    private readonly WorkloadRunner _workload;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly float[] _window;
    private readonly double[] _row;
    private readonly bool[] _present;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int _hop;
    private readonly long _periodMicros;
    private long _rowMicros = long.MinValue;
    private long _lastRowMicros = long.MinValue;
    private int _missing;
    private int _filled;
    private long _incomplete;

    /// <param name="columns">Channels, at least 1.</param>
    /// <param name="rows">Rows of one window.</param>
    /// <param name="hop">Rows from one window to the next, 1 to <paramref name="rows"/>.</param>
    public RowWindowFeed(WorkloadRunner workload, int columns, int rows, int hop, double rateHz, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hop, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hop, rows);
        (_workload, _clock, _columns, _rows, _hop) = (workload, clock, columns, rows, hop);
        _periodMicros = (long)(1e6 / rateHz);
        _window = new float[columns * rows];
        _row = new double[columns];
        _present = new bool[columns];
        _missing = columns;
    }

    /// <summary>Rows that were given up because a channel had no reading for them.</summary>
    public long IncompleteRows => Interlocked.Read(ref _incomplete);

    /// <summary>The entry for one channel.</summary>
    public IWindowFeed Column(int index) => new ColumnFeed(this, index);

    private void Take(int column, long timeMicros, double value)
    {
        lock (_gate)
        {
            if (_rowMicros == long.MinValue || Math.Abs(timeMicros - _rowMicros) > _periodMicros / 2)
                Begin(timeMicros);
            if (!_present[column])
                _missing--;
            (_present[column], _row[column]) = (true, value);
            if (_missing == 0)
                Complete();
        }
    }

    private void Begin(long timeMicros)
    {
        if (_missing < _columns)
        {
            Interlocked.Increment(ref _incomplete);
            _filled = 0;
        }

        Clear();
        _rowMicros = timeMicros;
    }

    private void Complete()
    {
        var completedAt = _clock.GetTimestamp();
        if (_lastRowMicros != long.MinValue && _rowMicros - _lastRowMicros > _periodMicros * 3 / 2)
            _filled = 0;
        _lastRowMicros = _rowMicros;
        var invalid = 0;
        for (var column = 0; column < _columns; column++)
        {
            invalid += double.IsFinite(_row[column]) ? 0 : 1;
            _window[(column * _rows) + _filled] = (float)_row[column];
        }

        var time = _rowMicros;
        Clear();
        _rowMicros = time;
        if (invalid > 0)
        {
            // Such a row ends the window as well: a model is never asked about it.
            _filled = 0;
            _workload.TakeInvalid(time, invalid);
            return;
        }

        if (++_filled < _rows)
            return;
        _workload.Take(_window, time, completedAt);
        _filled = _rows - _hop;
        for (var column = 0; column < _columns && _filled > 0; column++)
            _window.AsSpan((column * _rows) + _hop, _filled).CopyTo(_window.AsSpan(column * _rows));
    }

    private void Clear()
    {
        Array.Clear(_present);
        _missing = _columns;
        _rowMicros = long.MinValue;
    }

    private sealed class ColumnFeed(RowWindowFeed rows, int index) : IWindowFeed
    {
        public void TakeBlock(long startMicros, ReadOnlySpan<float> samples)
        {
            for (var i = 0; i < samples.Length; i++)
                rows.Take(index, startMicros + (i * rows._periodMicros), samples[i]);
        }

        public void TakeReading(long timeMicros, double value) => rows.Take(index, timeMicros, value);
    }
}
