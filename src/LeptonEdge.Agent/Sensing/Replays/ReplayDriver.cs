using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing.Replays;

/// <summary>Plays recordings at their true rate, one after another and over again, as a sensor would have measured
/// them now.</summary>
public sealed class ReplayDriver : ISensorDriver
{
    private readonly ReplayDriverOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <exception cref="SensorException">A recording is malformed; names it and says what is wrong.</exception>
    public ReplayDriver(ReplayDriverOptions options, TimeProvider clock, ILogger logger)
    {
        (_options, _clock, _logger) = (options, clock, logger);

        // All of them now: a fault in the last recording should not wait for hours to be found.
        foreach (var path in options.Files)
            NpyFile.Open(path).Dispose();
        var names = string.Join(", ", options.Files.Select(Path.GetFileName));
        Channels =
        [
            new SensorChannel(options.Channel, options.Unit, options.RateHz, $"replay of {names}", Waveform: true),
        ];
    }

    public IReadOnlyList<SensorChannel> Channels { get; }

    public long DroppedSamples { get; private set; }

    public Task RunAsync(ISampleSink sink, CancellationToken cancellationToken) =>
        SamplePacer.OnOwnThreadAsync(() => PlayAsync(sink, cancellationToken));

    private async Task PlayAsync(ISampleSink sink, CancellationToken cancellationToken)
    {
        var block = new float[_options.BlockSamples];
        using var playlist = new Playlist(_options.Files, _logger);
        using var pacer = new SamplePacer(_options.RateHz, block.Length, _clock, ownThread: true);
        while (true)
        {
            var due = await pacer.NextAsync(cancellationToken);
            if (due.SkippedSamples > 0)
            {
                DroppedSamples += due.SkippedSamples;
                playlist.Skip(due.SkippedSamples);
                SensingLog.SamplesLeftOut(_logger, due.SkippedSamples, _options.Channel.Value);
            }

            playlist.Fill(block);
            sink.OnBlock(0, due.StartMicros, block);
        }
    }

    /// <summary>The recordings as one endless stream. One that fails while it plays is left out until its next
    /// turn.</summary>
    private sealed class Playlist(IReadOnlyList<string> files, ILogger logger) : IDisposable
    {
        private NpyFile? _playing;
        private int _next;
        private int _failures;

        /// <exception cref="SensorException">Not one recording can be read any more.</exception>
        public void Fill(Span<float> samples)
        {
            while (samples.Length > 0)
            {
                try
                {
                    var file = _playing ?? Open();
                    var read = file.Read(samples);
                    samples = samples[read..];
                    if (read > 0)
                        _failures = 0;
                    if (samples.Length > 0)
                        Advance();
                }
                catch (SensorException error)
                {
                    SensingLog.RecordingLeftOut(logger, error.Message);
                    Advance();
                    if (++_failures >= files.Count)
                        throw;
                }
            }
        }

        /// <summary>Leaves samples out within the recording that plays; a long stall never skips past its
        /// end.</summary>
        public void Skip(long samples) => _playing?.Skip(samples);

        public void Dispose() => _playing?.Dispose();

        private NpyFile Open() => _playing = NpyFile.Open(files[_next]);

        private void Advance()
        {
            if (files.Count == 1 && _playing is not null && _failures == 0)
            {
                _playing.Rewind();
                return;
            }

            _playing?.Dispose();
            _playing = null;
            _next = (_next + 1) % files.Count;
        }
    }
}
