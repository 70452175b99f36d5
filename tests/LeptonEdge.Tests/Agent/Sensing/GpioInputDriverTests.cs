using System.Device.Gpio;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core.Identity;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Sensing;

public class GpioInputDriverTests
{
    private static readonly GpioInputDriverOptions Door = new() { Channel = new ChannelName("door"), Line = 7 };

    [Fact]
    public async Task Every_change_and_every_interval_bring_a_reading()
    {
        var chip = new Board();
        var clock = new ManualTimeProvider();
        var driver = new GpioInputDriver(
            Door with { ActiveLow = true }, clock, NullLogger.Instance, () => new GpioController(chip));
        var recorder = new Recorder();
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => driver.RunAsync(recorder, stop.Token));
        await Eventually.True(() => recorder.Readings.Count == 1, "the first reading");

        chip.Set(true);
        await Eventually.True(() => recorder.Readings.Count == 2, "the rising edge");
        chip.Set(false);
        await Eventually.True(() => recorder.Readings.Count == 3, "the falling edge");
        await clock.HasTimerWithin(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.True(() => recorder.Readings.Count == 4, "the interval");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal([1.0, 0, 1, 1], recorder.Readings.Select(reading => reading.Value));
        Assert.False(chip.HasListener);
    }

    [Fact]
    public void A_line_that_cannot_be_had_is_named_when_the_driver_is_made()
    {
        var error = Assert.Throws<SensorException>(() => new GpioInputDriver(
            Door with { Chip = 3 }, TimeProvider.System, NullLogger.Instance,
            () => throw new IOException("no such device")));
        Assert.Equal("gpiochip3 line 7: no such device", error.Message);
    }

    [Fact]
    public async Task A_line_that_is_lost_ends_the_run_and_is_named()
    {
        var chip = new Board();
        var driver = new GpioInputDriver(
            Door, new ManualTimeProvider(), NullLogger.Instance, () => new GpioController(chip));
        chip.Broken = true;
        var error = await Assert.ThrowsAsync<SensorException>(
            () => driver.RunAsync(new Recorder(), CancellationToken.None));
        Assert.Equal("gpio line 7: the chip is gone", error.Message);
    }

    /// <summary>A chip with lines in memory: build machines have no hardware, and no kernel that simulates
    /// it.</summary>
    private sealed class Board : GpioDriver
    {
        private bool _level;
        private PinChangeEventHandler? _listener;

        public bool Broken { get; set; }

        public bool HasListener => _listener is not null;

        protected internal override int PinCount => 8;

        public void Set(bool level)
        {
            _level = level;
            var edge = level ? PinEventTypes.Rising : PinEventTypes.Falling;
            _listener?.Invoke(this, new PinValueChangedEventArgs(edge, 7));
        }

        protected internal override int ConvertPinNumberToLogicalNumberingScheme(int pinNumber) => pinNumber;

        protected internal override void OpenPin(int pinNumber)
        {
        }

        protected internal override void ClosePin(int pinNumber)
        {
        }

        protected internal override void SetPinMode(int pinNumber, PinMode mode)
        {
        }

        protected internal override PinMode GetPinMode(int pinNumber) => PinMode.Input;

        protected internal override bool IsPinModeSupported(int pinNumber, PinMode mode) => true;

        protected internal override PinValue Read(int pinNumber) =>
            Broken ? throw new IOException("the chip is gone") : _level;

        protected internal override void Write(int pinNumber, PinValue value) => throw new NotSupportedException();

        protected internal override WaitForEventResult WaitForEvent(
            int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        protected internal override void AddCallbackForPinValueChangedEvent(
            int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) => _listener += callback;

        protected internal override void RemoveCallbackForPinValueChangedEvent(
            int pinNumber, PinChangeEventHandler callback) =>
            _listener -= callback;
    }
}
