using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

internal enum FindingState
{
    Ok,

    /// <summary>It works, but will not for ever, or not as it should.</summary>
    Warn,
    Fail,
}

/// <summary>What one check found.</summary>
/// <param name="Check">Its name: these stay, for scripts.</param>
/// <param name="Found">What is so.</param>
/// <param name="Remedy">What to do; empty where all is well.</param>
internal sealed record Finding(string Check, FindingState State, string Found, string Remedy = "")
{
    public static readonly Sheet Rows = new(
        Sheet.By("check", "found"),
        Column.Text("state", "state", state => state switch
        {
            "ok" => Tone.Good,
            "warn" => Tone.Warn,
            _ => Tone.Bad,
        }),
        Column.Text("check", "check"),
        Column.Text("found", "found"),
        Column.Text("do this", "remedy") with { Name = "remedy" });

    public static Finding Ok(string check, string found) => new(check, FindingState.Ok, found);

    public static Finding Warn(string check, string found, string remedy) =>
        new(check, FindingState.Warn, found, remedy);

    public static Finding Fail(string check, string found, string remedy) =>
        new(check, FindingState.Fail, found, remedy);
}
