using System.CommandLine;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>How far what is waited for is.</summary>
internal enum Waiting
{
    NotYet,
    Met,

    /// <summary>It cannot come any more.</summary>
    Never,
}

/// <summary>A look at what is waited for.</summary>
/// <param name="Now">How it stands, in some words.</param>
internal readonly record struct WaitLook(Waiting State, string Now);

/// <summary>Makes <c>wait --for CONDITION --timeout TIME</c>.</summary>
internal static partial class WaitVerb
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // What the live stream tells of is looked at when it does; not all that can be waited for is told.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    /// <param name="conditions">For the help.</param>
    /// <param name="topics">What the hub tells of it live.</param>
    /// <param name="look">Reads the state and judges it by the condition.</param>
    /// <exception cref="HubException">From <paramref name="look"/>: the condition is none.</exception>
    public static Command Create(
        string description, string conditions, string standard, string topics, IEnumerable<Symbol> symbols,
        Func<HubCall, string, Task<WaitLook>> look)
    {
        var condition = new Option<string>("--for")
            { Description = $"{conditions}.", DefaultValueFactory = _ => standard };
        condition.CompletionSources.Add([.. Remarks().Replace(conditions, "").Split(", ")]);
        var timeout = new Option<string>("--timeout")
        {
            Description = "How long at most: 90s, 15m, 2h, 7d. In vain, the exit status is 6.",
            DefaultValueFactory = _ => "60s",
        };
        return HubVerb.Create(
            "wait", description, [.. symbols, condition, timeout],
            call => RunAsync(
                call, call.Parsed.GetValue(condition)!, TimeText.Length("--timeout", call.Parsed.GetValue(timeout)!),
                topics, look));
    }

    private static async Task<int> RunAsync(
        HubCall call, string condition, TimeSpan timeout, string topics, Func<HubCall, string, Task<WaitLook>> look)
    {
        var clock = TimeProvider.System;
        var begun = clock.GetTimestamp();
        var now = "nothing is known of it";
        await using var news = new LiveNews(call.Client, topics, call.Cancellation);
        while (true)
        {
            try
            {
                var (state, words) = await look(call, condition);
                now = words;
                if (state == Waiting.Met)
                {
                    Say(call.Form, condition, now, met: true);
                    return ExitCodes.Ok;
                }

                if (state == Waiting.Never)
                    throw new HubException($"it will not be {condition}: {now}", ExitCodes.No);
            }
            catch (HubException fault) when (fault.IsAway && clock.GetElapsedTime(begun) < timeout)
            {
                now = fault.Message;
            }

            var left = timeout - clock.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                throw new HubException($"waited {timeout.TotalSeconds:0.###} s for {condition}: {now}",
                    ExitCodes.TimedOut);
            await news.WaitAsync(left < Pause ? left : Pause, left < Calm ? left : Calm, call.Cancellation);
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\s*\([^)]*\)")]
    private static partial System.Text.RegularExpressions.Regex Remarks();

    private static void Say(OutputForm form, string condition, string now, bool met)
    {
        var said = JsonSerializer.SerializeToElement(new { condition, met, now });
        _ = form switch
        {
            OutputForm.Json => Print.Json(said),
            OutputForm.Yaml => YamlWriter.Write(said),
            _ => Line(now),
        };
    }

    private static int Line(string text)
    {
        Console.WriteLine(text);
        return ExitCodes.Ok;
    }
}
