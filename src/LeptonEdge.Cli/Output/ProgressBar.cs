using Spectre.Console;

namespace LeptonEdge.Cli.Output;

/// <summary>A bar on stderr while something runs; nothing where stderr is not a terminal.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work.</summary>
    /// <param name="work">Takes a function that is told the stage and the part of it that is done, 0 to 1.</param>
    public static T Run<T>(Func<Action<string, double>, T> work)
    {
        if (Console.IsErrorRedirected)
            return work((_, _) => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(context =>
            {
                ProgressTask? task = null;
                return work((stage, share) =>
                {
                    if (task?.Description != stage)
                    {
                        task?.StopTask();
                        task = context.AddTask(stage, maxValue: 1);
                    }

                    task.Value = share;
                });
            });
    }
}
