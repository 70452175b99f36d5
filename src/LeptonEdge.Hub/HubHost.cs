using System.Security.Cryptography;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Telemetry.Logging;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub;

/// <summary>The hub as a program: <c>LeptonEdge.Hub --config hub.yaml</c>.</summary>
public static class HubHost
{
    private const string Usage = "usage: LeptonEdge.Hub --config FILE";

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <returns>0 after an orderly stop; 64 for a wrong command line, 78 for a wrong configuration, 1 when it cannot
    /// start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help"] or ["-h"])
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (WorkerOrder.Parse(args) is { } order)
            return await JobWorker.RunAsync(order).ConfigureAwait(false);
        if (args is not ["--config", var file])
        {
            await Console.Error.WriteLineAsync(Usage).ConfigureAwait(false);
            return 64;
        }

        try
        {
            var options = HubConfiguration.Load(file);
            await using var hub = await HubServer.StartAsync(
                    options, TimeProvider.System, logging => AddLogging(logging, options))
                .ConfigureAwait(false);
            await hub.WaitForShutdownAsync().ConfigureAwait(false);
            return 0;
        }
        catch (ConfigurationException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message).ConfigureAwait(false);
            return ConfigurationException.ExitCode;
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or CryptographicException or HubStoreException)
        {
            await Console.Error.WriteLineAsync($"the hub cannot start: {fault.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static void AddLogging(ILoggingBuilder logging, HubOptions options) => logging
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        // A line for each call that is refused would let a flood fill the log; the metrics count them.
        .AddFilter("LeptonEdge.Serving.Grpc.InferenceService", LogLevel.Warning)
        .AddLines(options.Logging, [new("tenant", options.Tenant.Value)], "yyyy-MM-dd HH:mm:ss.fff ", utc: true);
}
