using LeptonEdge.Core;
using LeptonEdge.Telemetry.Logging;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Logs;

/// <summary>Keeps the newest lines of the agent's log for whoever asks from the hub. What is kept is what the
/// configuration has logged, and more while somebody follows at a finer level.</summary>
public sealed class LogTail(LogSettings settings, TimeProvider clock) : ILoggerProvider
{
    private volatile int _followed = (int)LogLevel.None;

    public LogRing Ring { get; } = new();

    /// <summary>What is kept whatever the configuration says; <see cref="LogLevel.None"/> while nobody
    /// follows.</summary>
    public LogLevel Followed
    {
        get => (LogLevel)_followed;
        set => _followed = (int)value;
    }

    public ILogger CreateLogger(string categoryName) => new Line(this, categoryName, LevelOf(categoryName));

    public void Dispose()
    {
        // The ring is memory alone.
    }

    // As the other providers' filters choose: the longest beginning counts.
    private LogLevel LevelOf(string category)
    {
        var isLibrary = category.StartsWith("Microsoft", StringComparison.OrdinalIgnoreCase);
        var own = isLibrary ? LogLevel.Warning : settings.Level;
        var longest = 0;
        foreach (var (beginning, level) in settings.Levels)
        {
            if (beginning.Length >= longest && category.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                (own, longest) = (level, beginning.Length);
        }

        return own;
    }

    private sealed class Line(LogTail tail, string category, LogLevel configured) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) =>
            logLevel != LogLevel.None && (logLevel >= configured || (int)logLevel >= tail._followed);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                tail.Ring.Add(
                    tail.Now, logLevel, category, formatter(state, exception), exception?.ToString());
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }

    private long Now => clock.GetUnixMicros();
}
