using LeptonEdge.Agent.Sensing.Bearings;
using LeptonEdge.Agent.Sensing.Hosts;
using LeptonEdge.Agent.Sensing.Replays;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Agent.Sensing;

/// <summary>Makes the driver that fits the options.</summary>
public static class DriverFactory
{
    /// <exception cref="SensorException">Options are out of their limits, or the source cannot be read; names each
    /// fault.</exception>
    public static ISensorDriver Create(DriverOptions options, TimeProvider clock, ILogger? logger = null)
    {
        var faults = options.Validate();
        if (faults.Count > 0)
            throw new SensorException(string.Join("; ", faults));
        logger ??= NullLogger.Instance;
        return options switch
        {
            HostDriverOptions host => new HostDriver(host, clock, logger),
            ReplayDriverOptions replay => new ReplayDriver(replay, clock, logger),
            CsvDriverOptions csv => new CsvDriver(csv, clock, logger),
            SimulatedBearingDriverOptions bearing => new SimulatedBearingDriver(bearing, clock, logger),
            GpioInputDriverOptions gpio => new GpioInputDriver(gpio, clock, logger),
            _ => throw new ArgumentException($"no driver takes {options.GetType().Name}", nameof(options)),
        };
    }
}
