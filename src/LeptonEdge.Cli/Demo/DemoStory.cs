namespace LeptonEdge.Cli.Demo;

/// <summary>When the demo does what: an overload a third of the way in, a killed hub two thirds in.</summary>
/// <param name="OverloadAt">From the start of the run.</param>
/// <param name="OverloadLength">How long edge-press is loaded, its ramp included.</param>
/// <param name="KillAt">From the start of the run.</param>
internal sealed record DemoStory(TimeSpan OverloadAt, TimeSpan OverloadLength, TimeSpan KillAt)
{
    /// <summary>How long a run without an end takes for its story; it then goes on quietly.</summary>
    private static readonly TimeSpan OpenEnded = TimeSpan.FromSeconds(90);

    public static DemoStory For(TimeSpan? duration)
    {
        var whole = duration ?? OpenEnded;
        var overload = TimeSpan.FromSeconds(Math.Clamp(whole.TotalSeconds / 6, 4, 20));
        return new DemoStory(whole / 3, overload, whole * 2 / 3);
    }
}
