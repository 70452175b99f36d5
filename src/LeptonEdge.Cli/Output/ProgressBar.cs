using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>A bar on stderr while something runs; nothing where stderr is not a terminal.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work.</summary>
    /// <param name="work">Takes a function that is told the stage and the part of it that is done, 0 to 1.</param>
    public static T Run<T>(Func<Action<string, double>, T> work) =>
        Console.IsErrorRedirected ? work(static (_, _) => { }) : Bar().Start(context => work(Teller(context)));

    /// <inheritdoc cref="Run"/>
    public static Task<T> RunAsync<T>(Func<Action<string, double>, Task<T>> work) =>
        Console.IsErrorRedirected ? work(static (_, _) => { }) : Bar().StartAsync(context => work(Teller(context)));

    private static Progress Bar() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Progress()
            .AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn());

    private static Action<string, double> Teller(ProgressContext context)
    {
        ProgressTask? task = null;
        return (stage, share) =>
        {
            if (task?.Description != stage)
            {
                task?.StopTask();
                task = context.AddTask(stage, maxValue: 1);
            }

            task.Value = share;
        };
    }
}
