namespace LeptonEdge.Core.Windows;

/// <summary>Cuts one channel's stream of blocks into windows of one length. A jump in time starts a new window, so
/// that no window spans samples that were not measured one after another. Allocates nothing once made; one thread at
/// a time.</summary>
public sealed class WindowAssembler
{
    /// <summary>The longest window: 2^20 samples.</summary>
    public const int SizeMax = 1 << 20;

    private readonly float[] _buffer;
    private readonly WindowHandler _handler;
    private readonly double _periodMicros;
    private readonly double _toleranceMicros;
    private double _nextMicros = double.NaN;
    private int _filled;
    private int _skip;
    private int _overlap;

    /// <param name="size">Samples of one window.</param>
    /// <param name="hop">Samples from the start of one window to the start of the next: below the size they overlap,
    /// above it samples between them are left out.</param>
    /// <param name="sampleRateHz">The channel's rate.</param>
    /// <param name="handler">Called on the pushing thread, once for each complete window.</param>
    /// <param name="jitterMax">How far a block's time may lie from where the block before it ended; two samples
    /// unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size, hop, rate or jitter is outside its limits.</exception>
    public WindowAssembler(
        int size, int hop, double sampleRateHz, WindowHandler handler, TimeSpan? jitterMax = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, SizeMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(hop, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hop, SizeMax);
        if (!(double.IsFinite(sampleRateHz) && sampleRateHz > 0))
            throw new ArgumentOutOfRangeException(nameof(sampleRateHz), sampleRateHz, "a rate must be above 0 Hz");
        ArgumentOutOfRangeException.ThrowIfLessThan(jitterMax ?? TimeSpan.Zero, TimeSpan.Zero);
        Size = size;
        Hop = hop;
        SampleRateHz = sampleRateHz;
        _handler = handler;
        _periodMicros = 1e6 / sampleRateHz;
        _toleranceMicros = jitterMax?.TotalMicroseconds ?? Math.Max(2 * _periodMicros, 2);
        _buffer = new float[size];
    }

    public int Size { get; }

    public int Hop { get; }

    public double SampleRateHz { get; }

    /// <summary>Complete windows handed over so far.</summary>
    public long WindowCount { get; private set; }

    /// <summary>Times that a jump in time broke a window off.</summary>
    public long BreakCount { get; private set; }

    /// <summary>Samples of windows that were broken off: they stood in no complete window.</summary>
    public long DiscardedSamples { get; private set; }

    /// <summary>Adds one block; hands over every window that it completes.</summary>
    /// <param name="startMicros">Device time of the block's first sample, microseconds since 1970-01-01 UTC.</param>
    /// <param name="samples">In the channel's unit, oldest first.</param>
    public void Push(long startMicros, ReadOnlySpan<float> samples)
    {
        if (!double.IsNaN(_nextMicros) && Math.Abs(startMicros - _nextMicros) > _toleranceMicros)
        {
            BreakCount++;
            Reset();
        }

        // Each block brings its own time, so a sensor whose clock is a little off never drifts out of tolerance.
        double timeMicros = startMicros;
        while (samples.Length > 0)
        {
            if (_skip > 0)
            {
                var skipped = Math.Min(_skip, samples.Length);
                _skip -= skipped;
                samples = samples[skipped..];
                timeMicros += skipped * _periodMicros;
                continue;
            }

            var taken = Math.Min(Size - _filled, samples.Length);
            samples[..taken].CopyTo(_buffer.AsSpan(_filled));
            samples = samples[taken..];
            timeMicros += taken * _periodMicros;
            _filled += taken;
            if (_filled == Size)
                HandOver(timeMicros);
        }

        _nextMicros = timeMicros;
    }

    /// <summary>Forgets the window begun; the next block starts a new one.</summary>
    public void Reset()
    {
        // What overlaps the window before was handed over with it: only the rest goes unseen.
        DiscardedSamples += _filled - _overlap;
        _filled = 0;
        _skip = 0;
        _overlap = 0;
        _nextMicros = double.NaN;
    }

    private void HandOver(double endMicros)
    {
        WindowCount++;
        var start = (long)Math.Round(endMicros - (Size * _periodMicros));
        _handler(new Window(_buffer, start, SampleRateHz, CountInvalid(_buffer)));
        if (Hop >= Size)
        {
            _filled = 0;
            _overlap = 0;
            _skip = Hop - Size;
            return;
        }

        _overlap = Size - Hop;
        _buffer.AsSpan(Hop).CopyTo(_buffer);
        _filled = _overlap;
    }

    private static int CountInvalid(ReadOnlySpan<float> samples)
    {
        var count = 0;
        foreach (var sample in samples)
            count += float.IsFinite(sample) ? 0 : 1;
        return count;
    }
}
