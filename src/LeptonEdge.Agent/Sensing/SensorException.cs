namespace LeptonEdge.Agent.Sensing;

/// <summary>A sensor cannot be read: the message names the file or device, what is wrong with it and what to
/// do.</summary>
public sealed class SensorException : Exception
{
    public SensorException(string message)
        : base(message)
    {
    }

    public SensorException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
