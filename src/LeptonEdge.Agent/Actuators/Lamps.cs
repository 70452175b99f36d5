using System.Device.Gpio;
using LeptonEdge.Agent.Configuration;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Actuators;

/// <summary>Alarm lamps on GPIO outputs. Used by the decision stage alone. A board without GPIO says so once and goes
/// on: the alarm is recorded all the same.</summary>
public sealed class Lamps(ILogger<Lamps> logger) : IDisposable
{
    private readonly Dictionary<int, int> _raisedOn = [];
    private GpioController? _controller;
    private bool _failed;

    /// <summary>Notes that one more alarm on this lamp was raised or cleared; the lamp is on while any of them
    /// is.</summary>
    public void Switch(LampConfiguration lamp, bool on)
    {
        var raised = Math.Max(0, _raisedOn.GetValueOrDefault(lamp.Line) + (on ? 1 : -1));
        _raisedOn[lamp.Line] = raised;
        if (_failed)
            return;
        try
        {
            _controller ??= new GpioController();
            if (!_controller.IsPinOpen(lamp.Line))
                _controller.OpenPin(lamp.Line, PinMode.Output);
            _controller.Write(lamp.Line, (raised > 0) != lamp.ActiveLow ? PinValue.High : PinValue.Low);
        }
        catch (Exception fault)
        {
            // Missing hardware, missing rights or a line in use: none of them is a reason to stop watching the machine.
            _failed = true;
            LampsLog.Failed(logger, lamp.Line, fault.Message);
        }
    }

    public void Dispose() => _controller?.Dispose();
}

internal static partial class LampsLog
{
    [LoggerMessage(1, LogLevel.Error,
        "The lamp on GPIO line {Line} cannot be switched and is left alone from now on: {Reason}")]
    public static partial void Failed(ILogger logger, int line, string reason);
}
