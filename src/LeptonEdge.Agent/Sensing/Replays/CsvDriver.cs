using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing.Replays;

/// <summary>Plays the rows of one table at a set rate, over and over again, as if they were measured now.</summary>
public sealed class CsvDriver : ISensorDriver
{
    private readonly CsvDriverOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CsvTable _table;

    /// <exception cref="SensorException">The file cannot be read as a table; names it and says what is
    /// wrong.</exception>
    public CsvDriver(CsvDriverOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        _table = CsvTable.Load(options.File, options.Separator, options.Columns, logger);
        var source = $"replay of {Path.GetFileName(options.File)}";
        try
        {
            Channels = [.. _table.Columns.Select(column => new SensorChannel(
                ChannelNames.From(options.Prefix, column), options.Unit, options.RateHz, source))];
        }
        catch (FormatException error)
        {
            throw new SensorException($"{options.File}: a column makes no channel name: {error.Message}", error);
        }

        if (Channels.GroupBy(channel => channel.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new SensorException($"{options.File}: two columns make one channel name, {twice.Key}; rename one");
    }

    public IReadOnlyList<SensorChannel> Channels { get; }

    public long DroppedSamples { get; private set; }

    public async Task RunAsync(ISampleSink sink, CancellationToken cancellationToken)
    {
        using var pacer = new SamplePacer(_options.RateHz, blockSamples: 1, _clock);
        long row = 0;
        while (true)
        {
            var due = await pacer.NextAsync(cancellationToken);
            if (due.SkippedSamples > 0)
            {
                DroppedSamples += due.SkippedSamples;
                row += due.SkippedSamples;
                SensingLog.SamplesLeftOut(_logger, due.SkippedSamples, _options.File);
            }

            var index = (int)(row++ % _table.RowCount);
            for (var column = 0; column < Channels.Count; column++)
                sink.OnReading(column, due.StartMicros, _table[index, column]);
        }
    }
}
