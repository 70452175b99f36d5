using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using LeptonEdge.Tests.Support;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace LeptonEdge.Tests.Polyfills.Mqtt;

/// <summary>The server with a session file, as a process that a test may kill.</summary>
internal sealed class BrokerChild : IMqttNetLogger
{
    bool IMqttNetLogger.IsEnabled => true;

    void IMqttNetLogger.Publish(
        MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
        if (logLevel == MqttNetLogLevel.Error)
            Console.Error.WriteLine($"{message} {exception}");
    }

    public static int Serve(int port, string file)
    {
        using var ended = new ManualResetEventSlim();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            ended.Set();
        });
        ServeAsync(port, file, ended).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task ServeAsync(int port, string file, ManualResetEventSlim ended)
    {
        using var server = new MqttServerFactory(new BrokerChild()).CreateMqttServer(new MqttServerOptionsBuilder()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(port)
            .WithPersistentSessions().WithMaxPendingMessagesPerClient(100_000).Build());
        server.ServerSessionItems["MQTTnet.Server.SessionFile"] = file;
        await server.StartAsync();
        Console.WriteLine("serving");
        await Task.Run(() => ended.Wait());
        await server.StopAsync();
    }
}

/// <summary>That process, from the test's side.</summary>
internal sealed class BrokerProcess : IDisposable
{
    private readonly Process _process;

    private BrokerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } error)
                Errors.Enqueue(error);
        };
        process.BeginErrorReadLine();
    }

    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>What the process holds of the machine's memory.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<BrokerProcess> StartAsync(int port, string file)
    {
        var process = ChildProcess.Start("broker", port.ToString(CultureInfo.InvariantCulture), file);
        var broker = new BrokerProcess(process);
        var line = await process.StandardOutput.ReadLineAsync();
        Assert.True(line == "serving", line ?? string.Join('\n', broker.Errors));
        return broker;
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
