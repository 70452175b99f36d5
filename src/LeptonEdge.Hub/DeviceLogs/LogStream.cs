using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.DeviceLogs;

/// <summary>All who follow the log of one device: it sends its lines once for all of them. Guarded by
/// <see cref="LogDesk"/>.</summary>
internal sealed class LogStream
{
    private readonly List<LogFollower> _followers = [];
    private uint _number;

    /// <summary>Of its commands: lines for another stream are none of this one.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("n");

    public int Count => _followers.Count;

    /// <summary>Fine enough for all of them.</summary>
    public LogLevelCode Level => _followers.Count == 0
        ? LogLevelCode.Critical : _followers.Min(follower => follower.Level);

    public void Add(LogFollower follower) => _followers.Add(follower);

    public void Remove(LogFollower follower) => _followers.Remove(follower);

    public void Take(LogReply reply)
    {
        // The broker may deliver a message twice.
        if (reply.Number <= _number)
            return;
        _number = reply.Number;
        foreach (var follower in _followers)
            follower.Take(reply);
    }
}
