namespace System.Device.Gpio
{
    /// <summary>What a controller asks of the hardware. Pin numbers are the driver's own.</summary>
    public abstract class GpioDriver : IDisposable
    {
        protected internal abstract int PinCount { get; }

        protected internal abstract int ConvertPinNumberToLogicalNumberingScheme(int pinNumber);

        protected internal abstract void OpenPin(int pinNumber);

        protected internal abstract void ClosePin(int pinNumber);

        protected internal abstract void SetPinMode(int pinNumber, PinMode mode);

        /// <summary>Sets mode and first level together, so that an output does not flicker.</summary>
        protected internal virtual void SetPinMode(int pinNumber, PinMode mode, PinValue initialValue)
        {
            SetPinMode(pinNumber, mode);
            if (mode == PinMode.Output)
                Write(pinNumber, initialValue);
        }

        protected internal abstract PinMode GetPinMode(int pinNumber);

        protected internal abstract bool IsPinModeSupported(int pinNumber, PinMode mode);

        protected internal abstract PinValue Read(int pinNumber);

        protected internal virtual void Toggle(int pinNumber) => Write(pinNumber, !Read(pinNumber));

        protected internal abstract void Write(int pinNumber, PinValue value);

        protected internal abstract WaitForEventResult WaitForEvent(
            int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken);

        protected internal virtual ValueTask<WaitForEventResult> WaitForEventAsync(
            int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) =>
            new(Task.Run(() => WaitForEvent(pinNumber, eventTypes, cancellationToken), CancellationToken.None));

        protected internal abstract void AddCallbackForPinValueChangedEvent(
            int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback);

        protected internal abstract void RemoveCallbackForPinValueChangedEvent(
            int pinNumber, PinChangeEventHandler callback);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
        }
    }
}

namespace System.Device.Gpio.Drivers
{
    /// <summary>Base of the drivers that use the kernel's interfaces.</summary>
    public abstract class UnixDriver : GpioDriver
    {
    }
}
