using LeptonEdge.Agent.Sensing;
using LeptonEdge.Sync.Uplink;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The parts of the way from sensor to record, put together once at start by
/// <see cref="PipelineBuilder"/>.</summary>
public sealed class AgentPipeline(
    IReadOnlyList<SensorIntake> sensors, IReadOnlyList<ChannelRuntime> channels,
    IReadOnlyList<WorkloadRunner> workloads, PipelineQueue queue, RecordWriter writer) : IDisposable
{
    public IReadOnlyList<SensorIntake> Sensors { get; } = sensors;

    public IReadOnlyList<ChannelRuntime> Channels { get; } = channels;

    public IReadOnlyList<WorkloadRunner> Workloads { get; } = workloads;

    /// <summary>All that was given up on the way to the outbox: samples that a sensor could not deliver in time,
    /// windows without a verdict, items that found the queue full, records that the disk refused. Never
    /// falls.</summary>
    public long ShedRecords =>
        Sensors.Sum(sensor => sensor.Driver.DroppedSamples) + Workloads.Sum(workload => workload.Shed) + queue.Shed
        + writer.ShedRecords;

    public void Dispose()
    {
        foreach (var workload in Workloads)
            workload.Dispose();
    }
}

/// <summary>Hands a driver's samples to the channels they belong to.</summary>
public sealed class SensorIntake(
    string key, ISensorDriver driver, IReadOnlyList<ChannelRuntime> channels, Heartbeat heartbeat) : ISampleSink
{
    private volatile bool _delivered;

    /// <summary>Where the sensor stands in the configuration.</summary>
    public string Key { get; } = key;

    public ISensorDriver Driver { get; } = driver;

    public Heartbeat Heartbeat { get; } = heartbeat;

    /// <summary>Something came from the sensor.</summary>
    public bool HasDelivered => _delivered;

    public void OnBlock(int channelIndex, long startMicros, ReadOnlySpan<float> samples)
    {
        Beat();
        channels[channelIndex].TakeBlock(startMicros, samples);
    }

    public void OnReading(int channelIndex, long timeMicros, double value)
    {
        Beat();
        channels[channelIndex].TakeReading(timeMicros, value);
    }

    private void Beat()
    {
        Heartbeat.Beat();
        _delivered = true;
    }
}
