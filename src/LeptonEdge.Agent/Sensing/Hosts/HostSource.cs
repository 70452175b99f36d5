using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>One file or folder of the kernel's, and the channels that come out of it.</summary>
/// <param name="path">What it reads, for messages.</param>
internal abstract class HostSource(string path)
{
    private readonly List<(ChannelName Name, string Unit)> _channels = [];

    public string Path { get; } = path;

    public IReadOnlyList<(ChannelName Name, string Unit)> Channels => _channels;

    /// <summary>Reads all channels once.</summary>
    /// <param name="nowSeconds">Seconds on a clock that never goes back.</param>
    /// <param name="values">One place per channel, NaN on entry; a channel that cannot be read stays NaN.</param>
    /// <exception cref="IOException">The source cannot be read.</exception>
    /// <exception cref="FormatException">The source holds something unexpected; what was read before it
    /// stands.</exception>
    public abstract void Read(FileText files, double nowSeconds, Span<double> values);

    protected int Add(ChannelName name, string unit)
    {
        _channels.Add((name, unit));
        return _channels.Count - 1;
    }
}
