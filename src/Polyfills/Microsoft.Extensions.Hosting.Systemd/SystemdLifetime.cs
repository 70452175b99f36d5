using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>
/// Says READY=1 once the host has started and STOPPING=1 when it begins to stop; SIGTERM stops the host.
/// </summary>
public partial class SystemdLifetime : IHostLifetime, IDisposable
{
    private readonly IHostEnvironment _environment;
    private readonly IHostApplicationLifetime _application;
    private readonly ISystemdNotifier _notifier;
    private readonly ILogger _logger;
    private CancellationTokenRegistration _started;
    private CancellationTokenRegistration _stopping;
    private PosixSignalRegistration? _terminate;

    public SystemdLifetime(
        IHostEnvironment environment,
        IHostApplicationLifetime applicationLifetime,
        ISystemdNotifier systemdNotifier,
        ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(applicationLifetime);
        ArgumentNullException.ThrowIfNull(systemdNotifier);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _environment = environment;
        _application = applicationLifetime;
        _notifier = systemdNotifier;
        _logger = loggerFactory.CreateLogger("Microsoft.Hosting.Lifetime");
    }

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _started = _application.ApplicationStarted.Register(static self => ((SystemdLifetime)self!).OnStarted(), this);
        _stopping = _application.ApplicationStopping.Register(
            static self => ((SystemdLifetime)self!).OnStopping(), this);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _terminate?.Dispose();
        _started.Dispose();
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    private void OnStarted()
    {
        LogStarted(_logger, _environment.EnvironmentName, _environment.ContentRootPath);
        _notifier.Notify(ServiceState.Ready);
    }

    private void OnStopping()
    {
        LogStopping(_logger);
        _notifier.Notify(ServiceState.Stopping);
    }

    private void OnTerminate(PosixSignalContext context)
    {
        // The host ends the process once it has stopped.
        context.Cancel = true;
        _application.StopApplication();
    }

    [LoggerMessage(LogLevel.Information,
        "Application started. Hosting environment: {EnvironmentName}; Content root path: {ContentRoot}")]
    private static partial void LogStarted(ILogger logger, string environmentName, string contentRoot);

    [LoggerMessage(LogLevel.Information, "Application is shutting down...")]
    private static partial void LogStopping(ILogger logger);
}
