using System.IO.Enumeration;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Configuration;

/// <summary>How much of a channel goes up.</summary>
public enum UploadKind
{
    /// <summary>Every reading.</summary>
    Everything,

    /// <summary>Mean, minimum and maximum of each interval.</summary>
    DownSampled,

    /// <summary>Features and verdicts only.</summary>
    Features,
}

/// <summary>What goes up of the channels that a pattern names.</summary>
/// <param name="Pattern">A channel name in which '*' stands for anything.</param>
/// <param name="Interval">Of <see cref="UploadKind.DownSampled"/>.</param>
/// <param name="WindowsBefore">Raw windows kept from before an alarm, 0 to 64.</param>
/// <param name="WindowsAfter">Raw windows kept from after an alarm, 0 to 64.</param>
public sealed record UploadPolicy(
    string Pattern, UploadKind Kind, TimeSpan Interval, int WindowsBefore, int WindowsAfter)
{
    public bool Covers(ChannelName channel) =>
        FileSystemName.MatchesSimpleExpression(Pattern, channel.Value, ignoreCase: false);

    /// <summary>The policy in the operator's words.</summary>
    public override string ToString()
    {
        var text = Kind switch
        {
            UploadKind.Everything => "everything",
            UploadKind.DownSampled => FormattableString.Invariant($"down-sampled to {Interval.TotalSeconds} s"),
            _ => "features and verdicts",
        };
        return WindowsBefore + WindowsAfter == 0
            ? text
            : $"{text}, {WindowsBefore}+{WindowsAfter} raw windows around an alarm";
    }
}

/// <summary>The policies in the order they are written; the first that covers a channel counts.</summary>
public sealed record UploadPolicies(IReadOnlyList<UploadPolicy> Policies)
{
    private static readonly UploadPolicy Default = new("*", UploadKind.Everything, TimeSpan.Zero, 0, 0);

    /// <summary>The policy of one channel; everything goes up where none covers it.</summary>
    public UploadPolicy For(ChannelName channel) =>
        Policies.FirstOrDefault(policy => policy.Covers(channel)) ?? Default;
}
