namespace LeptonEdge.Agent.Offload;

/// <summary>Whether the hub is worth asking about a window. Pure functions.</summary>
public static class AskRule
{
    private const double UsualShare = 0.5;

    /// <summary>The hub's usual reply fits into what is left. Unknown is worth a try: the reserve holds
    /// anyway.</summary>
    /// <param name="rtt">Round trip of a small call, a bound from below; zero while unknown.</param>
    /// <param name="left">Until the device must begin to answer itself.</param>
    public static bool IsInTime(ReplyPace pace, TimeSpan rtt, TimeSpan left) =>
        !pace.IsAway && (pace.Quantile(UsualShare) ?? rtt) < left;

    /// <summary>The hub's usual reply comes before the device's own answer. Unknown is not worth a try: the device
    /// answers anyway.</summary>
    /// <param name="own">Until the device's own answer, as the lane stands now.</param>
    public static bool IsSooner(ReplyPace pace, TimeSpan own) =>
        !pace.IsAway && pace.Quantile(UsualShare) is { } usual && usual < own;
}
