using LeptonEdge.Agent.Configuration;
using LeptonEdge.Telemetry.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent;

/// <summary>The agent as a program.</summary>
public static class AgentHost
{
    /// <summary>Exit status of a configuration that cannot be used (EX_CONFIG of sysexits.h); a supervisor need not
    /// try again.</summary>
    public const int ConfigurationStatus = 78;

    /// <summary>Exit status of a wrong command line (EX_USAGE).</summary>
    public const int UsageStatus = 64;

    /// <summary>Exit status of a failure that a fresh start may mend.</summary>
    public const int FailedStatus = 1;

    private const string Usage = "usage: LeptonEdge.Agent --config FILE [--check]";

    /// <param name="args"><c>--config FILE</c>; with <c>--check</c> the configuration is read, judged and nothing
    /// started.</param>
    /// <returns>The exit status: 0 after an orderly stop.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        Status.WorkingSet.LimitNativeHeap();
        if (args is not ["--config", var file, ..] || args.Length > 3 || (args.Length == 3 && args[2] != "--check"))
        {
            await Console.Error.WriteLineAsync(Usage).ConfigureAwait(false);
            return args is ["--help"] or ["-h"] ? 0 : UsageStatus;
        }

        try
        {
            var configuration = AgentConfigurationLoader.Load(file, Environment.GetEnvironmentVariables());
            if (args.Length == 3)
                return 0;
            using var host = Build(configuration);
            await host.RunAsync().ConfigureAwait(false);
            return Environment.ExitCode;
        }
        catch (ConfigurationException faults)
        {
            await Console.Error.WriteLineAsync(faults.Message).ConfigureAwait(false);
            return ConfigurationStatus;
        }
    }

    /// <summary>Puts the agent together; everything that can be wrong with its configuration comes to light
    /// here.</summary>
    /// <exception cref="ConfigurationException">A file, a sensor or a model cannot be used; carries every fault of its
    /// kind.</exception>
    public static IHost Build(AgentConfiguration configuration)
    {
        // The empty builder: the agent reads its own file, and the defaults would cost start-up time and memory.
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "lepton-agent" });
        builder.Logging
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddLines(
                configuration.Logging,
                [new("tenant", configuration.Tenant.Value), new("device", configuration.Device.Value)], "HH:mm:ss.fff ")
            .AddTail(configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton(configuration)
            .AddSystemd()
            .AddTelemetry(configuration)
            .AddSensing()
            .AddInference(configuration)
            .AddMetering(configuration)
            .AddOffload(configuration)
            .AddDecision()
            .AddOutbox(configuration)
            .AddUplink(configuration)
            .AddHostedService<AgentService>()
            .AddServing(configuration)
            .AddMetrics(configuration)
            .AddReconciling(configuration)
            .AddStatus();
        var host = builder.Build();
        try
        {
            host.Services.GetRequiredService<Pipeline.AgentPipeline>();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
