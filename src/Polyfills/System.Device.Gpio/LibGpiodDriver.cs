namespace System.Device.Gpio.Drivers;

/// <summary>
/// The lines of one GPIO chip, by their offset on it. The package's driver of this name goes through libgpiod;
/// this one speaks to the kernel as libgpiod does, so nothing has to be installed.
/// </summary>
public class LibGpiodDriver : UnixDriver
{
    // How long a wait takes to notice that it was cancelled; events themselves wake it at once.
    private const int PollMilliseconds = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, OpenLine> _lines = [];
    private readonly KernelChip _chip;

    /// <param name="gpioChip">N of <c>/dev/gpiochipN</c>.</param>
    /// <exception cref="IOException">There is no such chip, or this user may not open it.</exception>
    public LibGpiodDriver(int gpioChip = 0)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException($"{nameof(LibGpiodDriver)} is only supported on Linux.");
        _chip = new KernelChip($"/dev/gpiochip{gpioChip}");
    }

    protected internal override int PinCount => _chip.LineCount;

    protected internal override int ConvertPinNumberToLogicalNumberingScheme(int pinNumber) =>
        throw new PlatformNotSupportedException("This driver numbers pins by their offset on the chip alone.");

    protected internal override void OpenPin(int pinNumber)
    {
        lock (_gate)
        {
            // The line is taken with its mode: opening alone must not change what it does.
            var flags = _chip.Inspect(pinNumber).Flags;
            var mode = (flags & GpioV2.FlagOutput) != 0 ? PinMode.Output
                : (flags & GpioV2.FlagPullUp) != 0 ? PinMode.InputPullUp
                : (flags & GpioV2.FlagPullDown) != 0 ? PinMode.InputPullDown
                : PinMode.Input;
            _lines.TryAdd(pinNumber, new OpenLine(pinNumber, mode));
        }
    }

    protected internal override void ClosePin(int pinNumber)
    {
        OpenLine? line;
        lock (_gate)
        {
            if (!_lines.Remove(pinNumber, out line))
                return;
        }
        line.Dispose();
    }

    protected internal override void SetPinMode(int pinNumber, PinMode mode) =>
        SetPinMode(pinNumber, mode, PinValue.Low);

    protected internal override void SetPinMode(int pinNumber, PinMode mode, PinValue initialValue) =>
        Find(pinNumber).SetMode(_chip, mode, initialValue);

    protected internal override PinMode GetPinMode(int pinNumber) => Find(pinNumber).Mode;

    protected internal override bool IsPinModeSupported(int pinNumber, PinMode mode) =>
        mode is PinMode.Input or PinMode.InputPullDown or PinMode.InputPullUp or PinMode.Output;

    protected internal override PinValue Read(int pinNumber) => Find(pinNumber).Take(_chip).Read();

    protected internal override void Write(int pinNumber, PinValue value) =>
        Find(pinNumber).Take(_chip).Write(value == PinValue.High);

    protected internal override WaitForEventResult WaitForEvent(
        int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken)
    {
        var line = Find(pinNumber);
        line.Watch(_chip, eventTypes);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (line.Take(_chip).Wait(PollMilliseconds) is not { } change)
                continue;
            var type = TypeOf(change);
            if ((type & eventTypes) != 0)
                return new WaitForEventResult { EventTypes = type };
        }
        return new WaitForEventResult { TimedOut = true };
    }

    protected internal override void AddCallbackForPinValueChangedEvent(
        int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if ((eventTypes & (PinEventTypes.Rising | PinEventTypes.Falling)) == 0)
            throw new ArgumentException("Name at least one of Rising and Falling.", nameof(eventTypes));
        Find(pinNumber).Add(_chip, eventTypes, callback, this);
    }

    protected internal override void RemoveCallbackForPinValueChangedEvent(
        int pinNumber, PinChangeEventHandler callback) => Find(pinNumber).Remove(callback);

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        OpenLine[] lines;
        lock (_gate)
        {
            lines = [.. _lines.Values];
            _lines.Clear();
        }
        foreach (var line in lines)
            line.Dispose();
        _chip.Dispose();
    }

    private static PinEventTypes TypeOf(GpioV2.LineEvent change) => change.Id switch
    {
        GpioV2.EventRising => PinEventTypes.Rising,
        GpioV2.EventFalling => PinEventTypes.Falling,
        _ => PinEventTypes.None,
    };

    private OpenLine Find(int pinNumber)
    {
        lock (_gate)
        {
            return _lines.TryGetValue(pinNumber, out var line)
                ? line
                : throw new InvalidOperationException($"Pin {pinNumber} is not open.");
        }
    }

    /// <summary>A pin with its mode, the kernel's line once taken, and the thread that reads its changes.</summary>
    private sealed class OpenLine(int number, PinMode mode) : IDisposable
    {
        private readonly Lock _gate = new();
        private (PinEventTypes Types, PinChangeEventHandler Callback)[] _callbacks = [];
        private PinEventTypes _watched;
        private KernelChip.KernelLine? _line;
        private Thread? _reader;
        private bool _disposed;

        public PinMode Mode { get; private set; } = mode;

        public KernelChip.KernelLine Take(KernelChip chip)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _line ??= chip.Request(number, Config(PinValue.Low));
            }
        }

        public void SetMode(KernelChip chip, PinMode mode, PinValue initialValue)
        {
            lock (_gate)
            {
                Mode = mode;
                if (mode == PinMode.Output)
                    _watched = PinEventTypes.None;
                if (_line is null)
                    _line = chip.Request(number, Config(initialValue));
                else
                    _line.Configure(Config(initialValue));
            }
        }

        public void Watch(KernelChip chip, PinEventTypes types)
        {
            lock (_gate)
            {
                if (Mode == PinMode.Output)
                    throw new InvalidOperationException($"Pin {number} is an output: only inputs have events.");
                if ((types | _watched) == _watched && _line is not null)
                    return;
                _watched |= types;
                if (_line is null)
                    _line = chip.Request(number, Config(PinValue.Low));
                else
                    _line.Configure(Config(PinValue.Low));
            }
        }

        public void Add(KernelChip chip, PinEventTypes types, PinChangeEventHandler callback, object sender)
        {
            Watch(chip, types);
            lock (_gate)
            {
                _callbacks = [.. _callbacks, (types, callback)];
                if (_reader is not null)
                    return;
                _reader = new Thread(() => Deliver(chip, sender)) { IsBackground = true, Name = $"gpio line {number}" };
                _reader.Start();
            }
        }

        public void Remove(PinChangeEventHandler callback)
        {
            lock (_gate)
                _callbacks = [.. _callbacks.Where(entry => entry.Callback != callback)];
        }

        public void Dispose()
        {
            Thread? reader;
            lock (_gate)
            {
                _disposed = true;
                reader = _reader;
            }
            // The file may be closed only when nobody polls it; a callback may itself close its pin.
            if (reader is not null && reader != Thread.CurrentThread)
                reader.Join();
            _line?.Dispose();
        }

        private void Deliver(KernelChip chip, object sender)
        {
            while (true)
            {
                KernelChip.KernelLine line;
                lock (_gate)
                {
                    if (_disposed || _callbacks.Length == 0)
                    {
                        _reader = null;
                        return;
                    }
                    line = Take(chip);
                }
                if (line.Wait(PollMilliseconds) is not { } change)
                    continue;
                var type = TypeOf(change);
                foreach (var (types, callback) in Volatile.Read(ref _callbacks))
                {
                    if ((types & type) != 0)
                        callback(sender, new PinValueChangedEventArgs(type, number));
                }
            }
        }

        private GpioV2.LineConfig Config(PinValue initialValue)
        {
            var config = new GpioV2.LineConfig
            {
                Flags = Mode switch
                {
                    PinMode.Output => GpioV2.FlagOutput,
                    PinMode.InputPullUp => GpioV2.FlagInput | GpioV2.FlagPullUp,
                    PinMode.InputPullDown => GpioV2.FlagInput | GpioV2.FlagPullDown,
                    _ => GpioV2.FlagInput,
                },
            };
            if (_watched.HasFlag(PinEventTypes.Rising))
                config.Flags |= GpioV2.FlagEdgeRising;
            if (_watched.HasFlag(PinEventTypes.Falling))
                config.Flags |= GpioV2.FlagEdgeFalling;
            if (Mode == PinMode.Output)
            {
                // The first level goes with the request, so that a lamp does not blink when it is taken.
                config.AttributeCount = 1;
                config.Attributes[0].Attribute.Id = GpioV2.AttributeOutputValues;
                config.Attributes[0].Attribute.Value = initialValue == PinValue.High ? 1UL : 0;
                config.Attributes[0].Mask = 1;
            }
            return config;
        }
    }
}
