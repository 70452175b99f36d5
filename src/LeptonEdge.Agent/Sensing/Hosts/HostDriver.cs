using LeptonEdge.Core;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>This machine's own sensors, whichever its kernel shows: load per core, memory, disks, network, pressure
/// stall, temperatures, fans. What is there is found out once, when the driver is made.</summary>
public sealed class HostDriver : ISensorDriver
{
    private const int ChannelsMax = 1_024;

    private readonly HostDriverOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly FileText _files = new();
    private readonly List<(HostSource Source, int First)> _sources = [];
    private readonly double[] _values;
    private readonly bool[] _failing;

    public HostDriver(HostDriverOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        var channels = new List<SensorChannel>();
        foreach (var source in FindSources())
        {
            if (channels.Count + source.Channels.Count > ChannelsMax)
            {
                SensingLog.TooManyChannels(logger, ChannelsMax, source.Path);
                break;
            }

            _sources.Add((source, channels.Count));
            foreach (var (name, unit) in source.Channels)
                channels.Add(new SensorChannel(name, unit, 1 / options.Interval.TotalSeconds, source.Path));
        }

        Channels = channels;
        _values = new double[channels.Count];
        _failing = new bool[_sources.Count];
    }

    public IReadOnlyList<SensorChannel> Channels { get; }

    public long DroppedSamples { get; private set; }

    public async Task RunAsync(ISampleSink sink, CancellationToken cancellationToken)
    {
        // A second that passed unseen cannot be measured afterwards, so nothing is caught up.
        using var pacer = new SamplePacer(
            1 / _options.Interval.TotalSeconds, 1, _clock, catchUpMax: _options.Interval);
        await pacer.NextAsync(cancellationToken);

        // The first look only tells where the counters stand.
        ReadAll();
        while (true)
        {
            var due = await pacer.NextAsync(cancellationToken);
            DroppedSamples += due.SkippedSamples;
            var timeMicros = _clock.GetUnixMicros();
            ReadAll();
            for (var channel = 0; channel < _values.Length; channel++)
                sink.OnReading(channel, timeMicros, _values[channel]);
        }
    }

    private void ReadAll()
    {
        var nowSeconds = (double)_clock.GetTimestamp() / _clock.TimestampFrequency;
        Array.Fill(_values, double.NaN);
        for (var i = 0; i < _sources.Count; i++)
        {
            var (source, first) = _sources[i];
            try
            {
                source.Read(_files, nowSeconds, _values.AsSpan(first, source.Channels.Count));
                if (_failing[i])
                    SensingLog.ChannelReadable(_logger, source.Channels[0].Name.Value, source.Path);
                _failing[i] = false;
            }
            catch (Exception error) when (error is IOException or FormatException or UnauthorizedAccessException)
            {
                // Once per failure, not once per second.
                if (!_failing[i])
                    SensingLog.ChannelUnreadable(_logger, source.Channels[0].Name.Value, source.Path, error.Message);
                _failing[i] = true;
            }
        }
    }

    private IEnumerable<HostSource> FindSources()
    {
        var (proc, sys) = (_options.ProcRoot, _options.SysRoot);
        List<(string Name, Func<HostSource> Make)> single =
        [
            ("stat", () => new CpuSource(proc, _files)),
            ("meminfo", () => new MemorySource(proc, _files)),
            ("diskstats", () => new DiskSource(proc, sys, _files)),
            ("net/dev", () => new NetworkSource(proc, _files)),
            ("pressure/cpu", () => new PressureSource(proc, "cpu", _files)),
            ("pressure/memory", () => new PressureSource(proc, "memory", _files)),
            ("pressure/io", () => new PressureSource(proc, "io", _files)),
        ];
        var found = new List<HostSource>();
        foreach (var (name, make) in single)
        {
            try
            {
                found.Add(make());
            }
            catch (FormatException error)
            {
                SensingLog.SourceLeftOut(_logger, name, error.Message);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A kernel without this file, or a container that hides it: the machine simply has no such sensor.
            }
        }

        found.AddRange(NumberFileSource.FindThermalZones(sys));
        found.AddRange(NumberFileSource.FindMonitorChips(sys));
        return found.Where(source => source.Channels.Count > 0);
    }
}
