using LeptonEdge.Agent.Sensing;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Runs every sensor driver, and starts one again that failed.</summary>
public sealed class SensorService(AgentPipeline pipeline, TimeProvider clock, ILogger<SensorService> logger)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    /// <summary>Runs until the token ends.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(pipeline.Sensors.Select(sensor =>
            Task.Run(() => RunOneAsync(sensor, stoppingToken), CancellationToken.None)));

    private async Task RunOneAsync(SensorIntake sensor, CancellationToken stoppingToken)
    {
        var pause = PauseMin;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await sensor.Driver.RunAsync(sensor, stoppingToken).ConfigureAwait(false);
                sensor.Heartbeat.End();
                SensorServiceLog.Ended(logger, sensor.Key);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // A sensor that is unplugged may be plugged in again; the others go on meanwhile.
                var reason = fault is SensorException ? fault.Message : fault.ToString();
                SensorServiceLog.Failed(logger, sensor.Key, reason, pause.TotalSeconds);
            }

            await PauseAsync(sensor, pause, stoppingToken).ConfigureAwait(false);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, PauseMax.Ticks));
        }
    }

    // The heart goes on beating: a sensor that is known to be away is not a loop that is stuck.
    private async Task PauseAsync(SensorIntake sensor, TimeSpan pause, CancellationToken stoppingToken)
    {
        var until = clock.GetTimestamp() + (long)(pause.TotalSeconds * clock.TimestampFrequency);
        while (clock.GetTimestamp() < until && !stoppingToken.IsCancellationRequested)
        {
            sensor.Heartbeat.Beat();
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

internal static partial class SensorServiceLog
{
    [LoggerMessage(1, LogLevel.Information, "Sensor {Sensor} has come to its end")]
    public static partial void Ended(ILogger logger, string sensor);

    [LoggerMessage(2, LogLevel.Error, "Sensor {Sensor} failed and is started again in {Seconds} s: {Reason}")]
    public static partial void Failed(ILogger logger, string sensor, string reason, double seconds);
}
