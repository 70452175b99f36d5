using System.Text.Json;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>A hub with one device that works, one that is gone, readings and an alarm: what commands are asked
/// about.</summary>
public sealed class CliHub : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private ObedientDevice? _press;

    public HubUnderTest Hub { get; } = new() { Rules = HubUnderTest.QuickRules };

    /// <summary>A folder for contexts and files of tests.</summary>
    public string Folder => _folder.Path;

    public async Task InitializeAsync()
    {
        await Hub.InitializeAsync();
        await SendAsync("pump");
        _press = new ObedientDevice(Hub, "press");
        using var client = Hub.Operator();
        await Eventually.True(
            async () => (await HubUnderTest.JsonAsync(client, "plan")).GetProperty("placements").EnumerateArray()
                .Any(placed => placed.GetProperty("device").GetString() == "press"), "the press is planned");
        await Eventually.True(
            async () => (await client.GetStringAsync("api/v1/alarms")).Contains("=SUM(1)"), "the alarm is known");
        await Eventually.True(
            async () => (await client.GetStringAsync("api/v1/devices/pump")).Contains("\"online\":false"),
            "the pump is missed");
    }

    public async Task DisposeAsync()
    {
        if (_press is not null)
            await _press.DisposeAsync();
        await Hub.DisposeAsync();
        _folder.Dispose();
    }

    public Task<(int Status, string Output, string Errors)> RunAsync(params string[] arguments) =>
        Hub.LeptonAsync(arguments);

    /// <summary>Standard output of a command that succeeds and complains of nothing.</summary>
    public async Task<string> OkAsync(params string[] arguments)
    {
        var (status, output, errors) = await RunAsync(arguments);
        Assert.Equal((0, ""), (status, errors));
        return output;
    }

    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        using var document = JsonDocument.Parse(await OkAsync([.. arguments, "-o", "json"]));
        return document.RootElement.Clone();
    }

    /// <summary>With an environment and a home of the test's own.</summary>
    public Task<(int Status, string Output, string Errors)> RunAtHomeAsync(
        IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var all = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = Folder };
        foreach (var (name, value) in environment)
            all[name] = value;
        return LeptonProcess.RunAsync(arguments, all);
    }

    private async Task SendAsync(string name)
    {
        await using var device = new HubDevice(Hub, name).Start();
        await Eventually.True(() => device.Link.Connected, "the device is connected");
        device.Link.Report(HubDevice.Report(0.1));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        for (var i = 0; i < 100; i++)
            device.Writer.AddReading(RecordClass.Telemetry, new ChannelName("drive-end"), now - i * 1_000_000, i);
        // What a spreadsheet, a terminal and a CSV reader could each be misled by.
        device.Writer.AddAlarm(new AlarmEvent(
            "hot", new ChannelName("drive-end"), AlarmSeverity.Critical, AlarmTransition.Raised, now, 91.5,
            "=SUM(1), \"hot\"\n\u001b[31mred 过热"));
        device.Writer.Flush();
        device.Link.Wake();
        Assert.True(await device.Link.DrainAsync(TimeSpan.FromSeconds(30)), "the device drains");
    }
}
