using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.DeviceLogs;

/// <summary>What became of asking a device for its log.</summary>
internal abstract record LogOutcome
{
    private LogOutcome()
    {
    }

    /// <param name="Lines">Oldest first.</param>
    public sealed record Answered(IReadOnlyList<LogLine> Lines) : LogOutcome;

    /// <summary>The stream is open.</summary>
    public sealed record Followed(LogFollower Follower) : LogOutcome;

    /// <summary>No device took the command.</summary>
    public sealed record NotConnected : LogOutcome;

    /// <summary>It took the command and did not answer in time.</summary>
    public sealed record Silent : LogOutcome;

    /// <summary>Its agent is from before such commands.</summary>
    public sealed record TooOld : LogOutcome;

    /// <summary>As many ask as may at once.</summary>
    public sealed record TooMany : LogOutcome;
}
