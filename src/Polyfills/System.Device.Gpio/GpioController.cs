using System.Collections.Concurrent;
using System.Device.Gpio.Drivers;

namespace System.Device.Gpio;

/// <summary>Digital inputs and outputs by their number on the chip.</summary>
public class GpioController : IDisposable
{
    private readonly ConcurrentDictionary<int, GpioPin> _pins = new();
    private readonly GpioDriver _driver;

    /// <summary>The board's GPIO chip: the processor's own pin bank where several exist, else the first.</summary>
    /// <exception cref="IOException">There is no chip, or this user may not open it.</exception>
    public GpioController()
        : this(new LibGpiodDriver(KernelChip.FindHeaderChip()))
    {
    }

    public GpioController(GpioDriver driver)
    {
        ArgumentNullException.ThrowIfNull(driver);
        _driver = driver;
    }

    public virtual int PinCount => _driver.PinCount;

    public GpioPin OpenPin(int pinNumber)
    {
        if (_pins.TryGetValue(pinNumber, out var open))
            return open;
        _driver.OpenPin(pinNumber);
        return _pins[pinNumber] = new GpioPin(pinNumber, this);
    }

    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        var pin = OpenPin(pinNumber);
        SetPinMode(pinNumber, mode);
        return pin;
    }

    public GpioPin OpenPin(int pinNumber, PinMode mode, PinValue initialValue)
    {
        var pin = OpenPin(pinNumber);
        CheckMode(pinNumber, mode);
        _driver.SetPinMode(pinNumber, mode, initialValue);
        return pin;
    }

    public void ClosePin(int pinNumber)
    {
        CheckOpen(pinNumber, "close");
        _driver.ClosePin(pinNumber);
        _pins.TryRemove(pinNumber, out _);
    }

    public bool IsPinOpen(int pinNumber) => _pins.ContainsKey(pinNumber);

    public virtual void SetPinMode(int pinNumber, PinMode mode)
    {
        CheckOpen(pinNumber, "set a mode to");
        CheckMode(pinNumber, mode);
        _driver.SetPinMode(pinNumber, mode);
    }

    public virtual PinMode GetPinMode(int pinNumber)
    {
        CheckOpen(pinNumber, "get the mode of");
        return _driver.GetPinMode(pinNumber);
    }

    public virtual bool IsPinModeSupported(int pinNumber, PinMode mode) => _driver.IsPinModeSupported(pinNumber, mode);

    public virtual PinValue Read(int pinNumber)
    {
        CheckOpen(pinNumber, "read from");
        return _driver.Read(pinNumber);
    }

    /// <exception cref="InvalidOperationException">The pin is not open, or not an output.</exception>
    public virtual void Write(int pinNumber, PinValue value)
    {
        CheckOpen(pinNumber, "write to");
        if (_driver.GetPinMode(pinNumber) != PinMode.Output)
            throw new InvalidOperationException(
                $"Can not write to pin {pinNumber} because it is not set to Output mode.");
        _driver.Write(pinNumber, value);
    }

    public virtual void Toggle(int pinNumber)
    {
        CheckOpen(pinNumber, "write to");
        _driver.Toggle(pinNumber);
    }

    public WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        return WaitForEvent(pinNumber, eventTypes, patience.Token);
    }

    public virtual WaitForEventResult WaitForEvent(
        int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken)
    {
        CheckOpen(pinNumber, "wait for events of");
        return _driver.WaitForEvent(pinNumber, eventTypes, cancellationToken);
    }

    public async ValueTask<WaitForEventResult> WaitForEventAsync(
        int pinNumber, PinEventTypes eventTypes, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        return await WaitForEventAsync(pinNumber, eventTypes, patience.Token).ConfigureAwait(false);
    }

    public virtual ValueTask<WaitForEventResult> WaitForEventAsync(
        int pinNumber, PinEventTypes eventTypes, CancellationToken token)
    {
        CheckOpen(pinNumber, "wait for events of");
        return _driver.WaitForEventAsync(pinNumber, eventTypes, token);
    }

    public virtual void RegisterCallbackForPinValueChangedEvent(
        int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback)
    {
        CheckOpen(pinNumber, "add callback to");
        _driver.AddCallbackForPinValueChangedEvent(pinNumber, eventTypes, callback);
    }

    public virtual void UnregisterCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback)
    {
        CheckOpen(pinNumber, "remove callback from");
        _driver.RemoveCallbackForPinValueChangedEvent(pinNumber, callback);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var pin in _pins.Keys)
            _driver.ClosePin(pin);
        _pins.Clear();
        _driver.Dispose();
    }

    private void CheckOpen(int pinNumber, string action)
    {
        if (!IsPinOpen(pinNumber))
            throw new InvalidOperationException($"Can not {action} pin {pinNumber} because it is not open.");
    }

    private void CheckMode(int pinNumber, PinMode mode)
    {
        if (!IsPinModeSupported(pinNumber, mode))
            throw new InvalidOperationException($"Pin {pinNumber} does not support mode {mode}.");
    }
}
