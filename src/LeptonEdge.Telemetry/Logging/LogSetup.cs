using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LeptonEdge.Telemetry.Logging;

/// <summary>Sets logging up as the configuration wishes.</summary>
public static class LogSetup
{
    private const string JournalStream = "JOURNAL_STREAM";

    /// <param name="fields">Of every line, such as the device's name.</param>
    /// <param name="textTime">How text begins.</param>
    /// <param name="utc">Else by the machine's own zone; only text.</param>
    public static ILoggingBuilder AddLines(
        this ILoggingBuilder logging, LogSettings settings, IReadOnlyList<KeyValuePair<string, string>> fields,
        string textTime, bool utc = false)
    {
        var journal = IsJournal(Environment.GetEnvironmentVariable(JournalStream), "/proc/self/fd/1");
        var format = settings.Format ?? (journal ? LogFormat.Journal : LogFormat.Text);
        logging.SetMinimumLevel(settings.Level);
        foreach (var (category, level) in settings.Levels)
            logging.AddFilter(category, level);
        if (format == LogFormat.Text)
        {
            return logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = utc;
                console.TimestampFormat = textTime;
            });
        }

        logging.AddConsole(console => console.FormatterName =
            format == LogFormat.Json ? JsonFormatter.FormatterName : JournalFormatter.FormatterName);
        logging.Services.AddSingleton<ConsoleFormatter>(format == LogFormat.Json
            ? new JsonFormatter(fields, journal, TimeProvider.System)
            : new JournalFormatter(fields));
        return logging;
    }

    /// <summary>Whether standard output goes to the journal: systemd names the stream's device and inode.</summary>
    /// <param name="named">As systemd.exec(5) describes it; a child whose output goes elsewhere inherits it.</param>
    internal static bool IsJournal(string? named, string output)
    {
        if (named?.Split(':') is not [_, { Length: > 0 } inode])
            return false;
        try
        {
            return new FileInfo(output).LinkTarget == $"socket:[{inode}]";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
