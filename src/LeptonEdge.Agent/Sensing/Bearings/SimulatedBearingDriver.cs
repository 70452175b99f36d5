using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing.Bearings;

/// <summary>Plays a <see cref="BearingSignal"/> at its true rate. Its channel says that it is simulated.</summary>
public sealed class SimulatedBearingDriver : ISensorDriver
{
    private readonly SimulatedBearingDriverOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    public SimulatedBearingDriver(SimulatedBearingDriverOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);
        Channels =
        [
            new SensorChannel(options.Channel, "g", options.RateHz,
                $"simulated bearing 6205, {options.Fault} fault, seed {options.Seed}",
                Simulated: true, Waveform: true),
        ];
    }

    public IReadOnlyList<SensorChannel> Channels { get; }

    public long DroppedSamples { get; private set; }

    public Task RunAsync(ISampleSink sink, CancellationToken cancellationToken) =>
        SamplePacer.OnOwnThreadAsync(() => PlayAsync(sink, cancellationToken));

    private async Task PlayAsync(ISampleSink sink, CancellationToken cancellationToken)
    {
        var signal = new BearingSignal(_options);
        var block = new float[_options.BlockSamples];
        using var pacer = new SamplePacer(_options.RateHz, block.Length, _clock, ownThread: true);
        while (true)
        {
            var due = await pacer.NextAsync(cancellationToken);
            if (due.SkippedSamples > 0)
            {
                DroppedSamples += due.SkippedSamples;
                signal.Skip(due.SkippedSamples);
                SensingLog.SamplesLeftOut(_logger, due.SkippedSamples, _options.Channel.Value);
            }

            signal.Fill(block);
            sink.OnBlock(0, due.StartMicros, block);
        }
    }
}
