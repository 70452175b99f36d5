using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a good systemd service, where systemd started it; elsewhere changes nothing.</summary>
public static class SystemdHostBuilderExtensions
{
    public static IHostBuilder UseSystemd(this IHostBuilder hostBuilder)
    {
        ArgumentNullException.ThrowIfNull(hostBuilder);
        return hostBuilder.ConfigureServices((_, services) => services.AddSystemd());
    }

    /// <summary>
    /// Lifetime and notifier for the unit's <c>Type=notify</c>, and console lines with the journal's levels.
    /// </summary>
    public static IServiceCollection AddSystemd(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!SystemdHelpers.IsSystemdService())
            return services;
        services.Configure<ConsoleLoggerOptions>(options => options.FormatterName = ConsoleFormatterNames.Systemd);
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<IHostLifetime, SystemdLifetime>();
        return services;
    }
}
