namespace LeptonEdge.Agent.Sensing;

/// <summary>One source of channels: it knows them before it runs, and runs until it is told to stop.</summary>
public interface ISensorDriver
{
    /// <summary>Fixed for the driver's life; the index is the channel's number in every call to the sink.</summary>
    IReadOnlyList<SensorChannel> Channels { get; }

    /// <summary>Samples that were due but never delivered, because the process stood still for too long.</summary>
    long DroppedSamples { get; }

    /// <summary>Measures until cancelled. May be run again afterwards, but only one run at a time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="SensorException">The source is gone for good, and names which.</exception>
    Task RunAsync(ISampleSink sink, CancellationToken cancellationToken);
}
