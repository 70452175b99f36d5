using System.Device.Gpio;
using System.Device.Gpio.Drivers;
using System.Threading.Channels;
using LeptonEdge.Core;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing;

/// <summary>One digital input: a reading at every change, and one at every interval so that silence is not mistaken
/// for calm. 1 is active, 0 is not.</summary>
public sealed class GpioInputDriver : ISensorDriver
{
    private const int ChangesMax = 1_024;
    private const PinEventTypes BothEdges = PinEventTypes.Rising | PinEventTypes.Falling;

    private readonly GpioInputDriverOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Func<GpioController> _open;
    private long _dropped;

    public GpioInputDriver(GpioInputDriverOptions options, TimeProvider clock, ILogger logger)
        : this(options, clock, logger, () => options.Chip is { } chip
            ? new GpioController(new LibGpiodDriver(chip))
            : new GpioController())
    {
    }

    /// <param name="open">Opens the controller that has the line.</param>
    /// <exception cref="SensorException">There is no such chip or line, or it may not be used; says which and
    /// why.</exception>
    public GpioInputDriver(
        GpioInputDriverOptions options, TimeProvider clock, ILogger logger, Func<GpioController> open)
    {
        (_options, _clock, _logger, _open) = (options, clock, logger, open);
        var source = options.Chip is { } chip ? $"gpiochip{chip} line {options.Line}" : $"gpio line {options.Line}";
        Channels = [new SensorChannel(options.Channel, "", 1 / options.Interval.TotalSeconds, source)];

        // A line that cannot be had should stop the agent's start, not surprise it later.
        OpenLine().Dispose();
    }

    public IReadOnlyList<SensorChannel> Channels { get; }

    /// <summary>Changes that came faster than they could be taken.</summary>
    public long DroppedSamples => Interlocked.Read(ref _dropped);

    public async Task RunAsync(ISampleSink sink, CancellationToken cancellationToken)
    {
        var levels = Channel.CreateBounded<Level>(
            new BoundedChannelOptions(ChangesMax)
            {
                FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true,
            },
            _ => CountDropped());
        using var controller = OpenLine();
        void Changed(object sender, PinValueChangedEventArgs change) => levels.Writer.TryWrite(
            new Level(_clock.GetUnixMicros(), change.ChangeType == PinEventTypes.Rising));
        controller.RegisterCallbackForPinValueChangedEvent(_options.Line, BothEdges, Changed);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAtIntervals(controller, levels.Writer, stop.Token);
        try
        {
            await foreach (var level in levels.Reader.ReadAllAsync(cancellationToken))
                sink.OnReading(0, level.TimeMicros, level.High != _options.ActiveLow ? 1 : 0);
            await asking;
        }
        finally
        {
            // The controller must outlive whoever still asks it.
            await stop.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            controller.UnregisterCallbackForPinValueChangedEvent(_options.Line, Changed);
        }
    }

    private async Task AskAtIntervals(GpioController controller, ChannelWriter<Level> levels, CancellationToken stop)
    {
        try
        {
            using var pacer = new SamplePacer(
                1 / _options.Interval.TotalSeconds, 1, _clock, catchUpMax: _options.Interval);
            while (true)
            {
                await pacer.NextAsync(stop);
                levels.TryWrite(new Level(_clock.GetUnixMicros(), controller.Read(_options.Line) == PinValue.High));
            }
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            throw new SensorException($"{Channels[0].Source}: {error.Message}", error);
        }
        finally
        {
            // Ends the reading loop too when the line is lost.
            levels.TryComplete();
        }
    }

    private GpioController OpenLine()
    {
        GpioController? controller = null;
        try
        {
            controller = _open();
            controller.OpenPin(_options.Line, _options.Pull switch
            {
                GpioPull.Up => PinMode.InputPullUp,
                GpioPull.Down => PinMode.InputPullDown,
                _ => PinMode.Input,
            });
            return controller;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException
            or ArgumentException or PlatformNotSupportedException)
        {
            controller?.Dispose();
            throw new SensorException($"{Channels[0].Source}: {error.Message}", error);
        }
    }

    private void CountDropped()
    {
        // The log tells of the first; the counter of all.
        if (Interlocked.Increment(ref _dropped) == 1)
            SensingLog.SamplesLeftOut(_logger, 1, _options.Channel.Value);
    }

    private readonly record struct Level(long TimeMicros, bool High);
}
