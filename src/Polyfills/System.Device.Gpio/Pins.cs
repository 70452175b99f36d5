namespace System.Device.Gpio;

/// <summary>What a pin is for.</summary>
public enum PinMode
{
    Input,
    Output,
    InputPullDown,
    InputPullUp,
}

/// <summary>Which changes of an input matter.</summary>
[Flags]
public enum PinEventTypes
{
    None = 0,
    Rising = 1,
    Falling = 2,
}

/// <summary>The level of a pin: high or low.</summary>
public readonly struct PinValue : IEquatable<PinValue>
{
    private readonly byte _value;

    private PinValue(byte value) => _value = value;

    public static PinValue High => new(1);

    public static PinValue Low => new(0);

    public static implicit operator PinValue(int value) => value == 0 ? Low : High;

    public static implicit operator PinValue(bool value) => value ? High : Low;

    public static explicit operator byte(PinValue value) => value._value;

    public static explicit operator int(PinValue value) => value._value;

    public static explicit operator bool(PinValue value) => value._value != 0;

    public static PinValue operator !(PinValue value) => value == High ? Low : High;

    public static bool operator ==(PinValue a, PinValue b) => a.Equals(b);

    public static bool operator !=(PinValue a, PinValue b) => !a.Equals(b);

    public bool Equals(PinValue other) => other._value == _value;

    public override bool Equals(object? obj) => obj is PinValue other && Equals(other);

    public override int GetHashCode() => _value;

    public override string ToString() => _value == 0 ? "Low" : "High";
}

/// <summary>How a wait for a change ended.</summary>
public struct WaitForEventResult
{
    /// <summary>The change that came; None after a time-out.</summary>
    public PinEventTypes EventTypes;

    public bool TimedOut;
}

/// <summary>One change of an input.</summary>
public class PinValueChangedEventArgs(PinEventTypes changeType, int pinNumber) : EventArgs
{
    public PinEventTypes ChangeType { get; } = changeType;

    public int PinNumber { get; } = pinNumber;
}

public delegate void PinChangeEventHandler(object sender, PinValueChangedEventArgs pinValueChangedEventArgs);

/// <summary>An open pin of a controller.</summary>
public class GpioPin
{
    private readonly GpioController _controller;

    internal GpioPin(int pinNumber, GpioController controller)
    {
        PinNumber = pinNumber;
        _controller = controller;
    }

    public event PinChangeEventHandler ValueChanged
    {
        add => _controller.RegisterCallbackForPinValueChangedEvent(
            PinNumber, PinEventTypes.Rising | PinEventTypes.Falling, value);
        remove => _controller.UnregisterCallbackForPinValueChangedEvent(PinNumber, value);
    }

    public virtual int PinNumber { get; }

    public virtual PinMode GetPinMode() => _controller.GetPinMode(PinNumber);

    public virtual bool IsPinModeSupported(PinMode pinMode) => _controller.IsPinModeSupported(PinNumber, pinMode);

    public virtual void SetPinMode(PinMode value) => _controller.SetPinMode(PinNumber, value);

    public virtual PinValue Read() => _controller.Read(PinNumber);

    public virtual void Write(PinValue value) => _controller.Write(PinNumber, value);

    public virtual void Toggle() => _controller.Toggle(PinNumber);

    public virtual void Close() => _controller.ClosePin(PinNumber);
}
