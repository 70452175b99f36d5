using System.Net.Sockets;
using System.Text;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace LeptonEdge.Tests.Polyfills.Systemd;

/// <summary>These tests set what systemd sets in the environment, so no other test may run beside them.</summary>
[CollectionDefinition("the process's environment", DisableParallelization = true)]
public sealed class EnvironmentCollection;

/// <summary>The tests play systemd: they hold the datagram socket that NOTIFY_SOCKET names.</summary>
[Collection("the process's environment")]
public sealed class SystemdTests : IDisposable
{
    private readonly string?[] _before =
        [Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_systemd_started_says_when_it_is_ready_and_when_it_stops(bool isAbstract)
    {
        using var folder = new TempFolder();
        var name = isAbstract ? $"@lepton-test-{Guid.NewGuid():N}" : folder.File("notify");
        using var manager = Listen(name);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", name);
        Environment.SetEnvironmentVariable("SYSTEMD_EXEC_PID", $"{Environment.ProcessId}");

        using var host = Host.CreateDefaultBuilder().UseSystemd().Build();
        Assert.IsType<SystemdLifetime>(host.Services.GetRequiredService<IHostLifetime>());
        Assert.Equal("systemd", host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
        await host.StartAsync();
        Assert.Equal("READY=1", await ReceiveAsync(manager));
        var notifier = host.Services.GetRequiredService<ISystemdNotifier>();
        Assert.True(notifier.IsEnabled);
        notifier.Notify(new ServiceState("WATCHDOG=1\nSTATUS=hält Schritt"));
        Assert.Equal("WATCHDOG=1\nSTATUS=hält Schritt", await ReceiveAsync(manager));
        await host.StopAsync();
        Assert.Equal("STOPPING=1", await ReceiveAsync(manager));
    }

    [Fact]
    public void A_host_that_systemd_did_not_start_is_left_alone()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        Environment.SetEnvironmentVariable("SYSTEMD_EXEC_PID", "1");
        using var host = new HostBuilder().UseSystemd().Build();
        Assert.IsNotType<SystemdLifetime>(host.Services.GetRequiredService<IHostLifetime>());
        Assert.Null(host.Services.GetService<ISystemdNotifier>());
        var alone = new SystemdNotifier();
        Assert.False(alone.IsEnabled);
        alone.Notify(ServiceState.Ready);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", _before[0]);
        Environment.SetEnvironmentVariable("SYSTEMD_EXEC_PID", _before[1]);
    }

    private static Socket Listen(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name));
        return socket;
    }

    private static async Task<string> ReceiveAsync(Socket manager)
    {
        var buffer = new byte[1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var length = await manager.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
