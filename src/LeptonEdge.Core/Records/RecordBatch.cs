using System.Runtime.InteropServices;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Core.Records;

/// <summary>The readings of one channel within a batch, as two columns of equal length.</summary>
public sealed class Series(ChannelName channel)
{
    public ChannelName Channel { get; } = channel;

    /// <summary>Device times, microseconds since 1970-01-01 UTC, in the order they were read.</summary>
    public List<long> TimesMicros { get; } = [];

    /// <summary>Values in the channel's unit; same length as <see cref="TimesMicros"/>.</summary>
    public List<double> Values { get; } = [];
}

/// <summary>Records of one priority class on their way up, by column; filled by one thread at a time.</summary>
public sealed class RecordBatch(RecordClass recordClass)
{
    private readonly Dictionary<ChannelName, Series> _byChannel = [];
    private readonly List<Series> _series = [];
    private int _readings;

    public RecordClass Class { get; } = recordClass;

    public IReadOnlyList<Series> Series => _series;

    public List<Verdict> Verdicts { get; } = [];

    public List<AlarmEvent> Alarms { get; } = [];

    public List<RawWindow> RawWindows { get; } = [];

    public List<Gap> Gaps { get; } = [];

    public List<Usage> Usage { get; } = [];

    /// <summary>How many records the batch holds; a raw window counts as one.</summary>
    public int Count => _readings + Verdicts.Count + Alarms.Count + RawWindows.Count + Gaps.Count + Usage.Count;

    /// <summary>How many values the batch holds: its readings and the samples of its raw windows.</summary>
    public long ValueCount
    {
        get
        {
            long count = _readings;
            foreach (var window in RawWindows)
                count += window.Samples.Length;
            return count;
        }
    }

    public void AddReading(ChannelName channel, long timeMicros, double value)
    {
        var series = GetOrAddSeries(channel);
        series.TimesMicros.Add(timeMicros);
        series.Values.Add(value);
        _readings++;
    }

    public void AddReadings(ChannelName channel, ReadOnlySpan<long> timesMicros, ReadOnlySpan<double> values)
    {
        if (timesMicros.Length != values.Length)
            throw new ArgumentException($"{timesMicros.Length} times but {values.Length} values");
        AddReadings(channel, values.Length, out var times, out var target);
        timesMicros.CopyTo(times);
        values.CopyTo(target);
    }

    /// <summary>Adds readings that the caller fills in at once, before anything else is added.</summary>
    public void AddReadings(ChannelName channel, int count, out Span<long> timesMicros, out Span<double> values)
    {
        var series = GetOrAddSeries(channel);
        CollectionsMarshal.SetCount(series.TimesMicros, series.TimesMicros.Count + count);
        CollectionsMarshal.SetCount(series.Values, series.Values.Count + count);
        timesMicros = CollectionsMarshal.AsSpan(series.TimesMicros)[^count..];
        values = CollectionsMarshal.AsSpan(series.Values)[^count..];
        _readings += count;
    }

    private Series GetOrAddSeries(ChannelName channel)
    {
        if (_byChannel.TryGetValue(channel, out var series))
            return series;
        series = new Series(channel);
        _byChannel.Add(channel, series);
        _series.Add(series);
        return series;
    }
}
