namespace LeptonEdge.Agent.Sensing;

/// <summary>Takes what a driver measures, on the driver's own thread. Calls for one driver never overlap.</summary>
public interface ISampleSink
{
    /// <summary>Samples of a fast channel, taken one after another at the channel's rate.</summary>
    /// <param name="channelIndex">Index into the driver's <see cref="ISensorDriver.Channels"/>.</param>
    /// <param name="startMicros">Device time of the first sample, microseconds since 1970-01-01 UTC.</param>
    /// <param name="samples">In the channel's unit; valid during the call only. NaN and infinities as they
    /// came.</param>
    void OnBlock(int channelIndex, long startMicros, ReadOnlySpan<float> samples);

    /// <summary>One value of a slow channel.</summary>
    /// <param name="channelIndex">Index into the driver's <see cref="ISensorDriver.Channels"/>.</param>
    /// <param name="timeMicros">Device time, microseconds since 1970-01-01 UTC.</param>
    /// <param name="value">In the channel's unit; NaN says that the sensor could not be read.</param>
    void OnReading(int channelIndex, long timeMicros, double value);
}
