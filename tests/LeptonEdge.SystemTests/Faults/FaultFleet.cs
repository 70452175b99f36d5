using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Trust;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>The processes of a fleet that a test may kill.</summary>
[Flags]
internal enum Part
{
    None = 0,
    Agent = 1,
    Hub = 2,
    Broker = 4,
}

/// <summary>One agent, one hub and a mosquitto between them, as real processes: started, killed, stopped, and at the
/// end compared.</summary>
internal sealed class FaultFleet : IDisposable
{
    private static readonly TenantId Tenant = new("plant");
    private static readonly DeviceId Device = new("edge-1");
    private static readonly Part[] All = [Part.Broker, Part.Hub, Part.Agent];

    private static int s_port = Random.Shared.Next(12_000, 28_000);

    private readonly TempFolder _folder = new();
    private readonly Dictionary<Part, ServerProcess> _running = [];
    private readonly FleetOptions _options;
    private readonly string _brokerConfig;
    private readonly string _hubConfig;
    private readonly string _agentConfig;
    private int _ledgers;

    public FaultFleet(FleetOptions? options = null)
    {
        options ??= new FleetOptions();
        var port = options.BrokerPort == 0 ? FreePort() : options.BrokerPort;
        _options = options with
        {
            BrokerPort = port,
            AgentBrokerPort = options.AgentBrokerPort == 0 ? port : options.AgentBrokerPort,
            HubBrokerPort = options.HubBrokerPort == 0 ? port : options.HubBrokerPort,
        };
        HubData = options.HubDisk?.View ?? Directory.CreateDirectory(_folder.File("hub")).FullName;
        AgentData = options.AgentDisk?.View ?? Directory.CreateDirectory(_folder.File("state")).FullName;
        using var authority = FleetAuthority.OpenOrCreate(HubData, Tenant);
        authority.IssueDevice(Device, _folder.Path);
        var httpPort = FreePort();
        _brokerConfig = FleetFiles.Mosquitto(_folder.Path, port, authority);
        _hubConfig = FleetFiles.Hub(
            _folder.Path, options.HubDisk?.Folder ?? HubData, Tenant, _options.HubBrokerPort, httpPort,
            _options.HubServicePort);
        _agentConfig = FleetFiles.Agent(
            _folder.Path, options.AgentDisk?.Folder ?? AgentData, Tenant, Device, _options);
        Api = new HubProbe(httpPort, HubData);
    }

    /// <summary>As the test sees it.</summary>
    public string AgentData { get; }

    /// <inheritdoc cref="AgentData"/>
    public string HubData { get; }

    public HubProbe Api { get; }

    public string OutboxFile => Path.Combine(AgentData, "outbox.db");

    public string AgentLog => Log(Part.Agent);

    public string HubLog => Log(Part.Hub);

    /// <summary>Of those that no connection is given by itself: a process that comes back finds its port free, and no
    /// two fleets have the same.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref s_port);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    public void StartAll()
    {
        foreach (var part in All)
            Start(part);
    }

    public void Start(Part part)
    {
        var log = _folder.File($"{part}.log");
        _running[part] = part switch
        {
            Part.Agent => ServerProcess.Start("agent", log,
                [
                    .. _options.AgentDisk?.Enter ?? [], .. _options.AgentPrefix,
                    .. Product.Line("agent/LeptonEdge.Agent", "--config", _agentConfig)
                ],
                // Each life of the agent has a ledger of its own: one that grew for hours would slow its start.
                new Dictionary<string, string>(_options.AgentEnvironment)
                    { ["LEPTON_LEDGER"] = _folder.File($"ledger.{_ledgers++}") }),
            Part.Hub => ServerProcess.Start("hub", log,
                [.. _options.HubDisk?.Enter ?? [], .. Product.Line("hub/LeptonEdge.Hub", "--config", _hubConfig)]),
            _ => ServerProcess.Start("mosquitto", log, [Requires.FindProgram("mosquitto")!, "-c", _brokerConfig]),
        };
    }

    /// <summary>SIGKILL to each, at once.</summary>
    public async Task KillAsync(Part parts)
    {
        ThrowIfAnyEnded();
        var victims = All.Where(part => parts.HasFlag(part) && _running.ContainsKey(part)).ToList();
        await Task.WhenAll(victims.Select(part => _running[part].KillAsync()));
        foreach (var part in victims)
            Forget(part);
    }

    /// <summary>SIGTERM, and an orderly end.</summary>
    public async Task StopAsync(Part part)
    {
        var process = _running[part];
        await process.StopAsync();
        var status = process.ExitCode;
        // mosquitto takes SIGTERM as an order, too.
        Assert.True(status == 0, $"{process.Name} stopped with status {status}:\n{process.Tail()}");
        Forget(part);
    }

    /// <summary>Waits until a process ends by itself.</summary>
    /// <returns>What it said last.</returns>
    public async Task<string> EndedAsync(Part part, int secondsMax = 30)
    {
        var process = _running[part];
        await Eventually.True(() => process.HasExited, $"{process.Name} ends:\n{process.Tail()}", secondsMax);
        Assert.NotEqual(0, process.ExitCode);
        Forget(part);
        return Tail(part, 3);
    }

    /// <exception cref="InvalidOperationException">A process ended that nobody killed; the message holds its last
    /// lines.</exception>
    public void ThrowIfAnyEnded()
    {
        foreach (var process in _running.Values.Where(process => process.HasExited))
            throw new InvalidOperationException(
                $"{process.Name} ended by itself with status {process.ExitCode}:\n{process.Tail()}");
    }

    /// <summary>Waits until a report that is newer than this call says that the device's backlog is next to
    /// nothing.</summary>
    public async Task CaughtUpAsync(int secondsMax = 60)
    {
        var since = NowMicros() + 500_000;
        await UntilAsync(async () => await Api.BacklogAsync(since) is < 20, "the hub has caught up", secondsMax);
    }

    /// <summary>Waits on a condition; when time runs out, the message holds what the processes said last.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, int secondsMax = 60)
    {
        try
        {
            await Eventually.True(async () =>
            {
                ThrowIfAnyEnded();
                return await condition();
            }, what, secondsMax);
        }
        catch (TimeoutException fault)
        {
            throw new TimeoutException(
                $"{fault.Message}\nagent:\n{Tail(Part.Agent)}\nhub:\n{Tail(Part.Hub)}\nbroker:\n{Tail(Part.Broker)}");
        }
    }

    /// <summary>Lets all that was appended reach the hub, and ends every process in order.</summary>
    public async Task DrainAndStopAsync()
    {
        await StopAgentDrainedAsync();
        await StopAsync(Part.Hub);
        await StopAsync(Part.Broker);
    }

    /// <summary>Ends the agent when all that it appended has reached the hub.</summary>
    public async Task StopAgentDrainedAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            await CaughtUpAsync(120);
            await StopAsync(Part.Agent);
            if (Tail(Part.Agent).Contains("has stopped; 0 batches wait", StringComparison.Ordinal))
                return;
            Assert.True(attempt < 5, $"the agent does not get rid of its backlog:\n{Tail(Part.Agent)}");
            Start(Part.Agent);
        }
    }

    /// <summary>How many appends the agent's lives have noted down so far.</summary>
    public int LedgerEntries() => Ledgers().Sum(file => AppendLedger.Read(file).Count());

    /// <summary>Copies what agent and hub keep, and the ledgers; neither may run.</summary>
    public FleetState Save()
    {
        var state = new FleetState(_folder.File($"saved-{Guid.NewGuid():N}"), _ledgers);
        FleetState.Copy(AgentData, state.AgentFolder);
        FleetState.Copy(HubData, state.HubFolder);
        foreach (var ledger in Ledgers())
            File.Copy(ledger, Path.Combine(state.Folder, Path.GetFileName(ledger)));
        return state;
    }

    /// <summary>Brings agent and hub back to what they were; neither may run.</summary>
    public void Restore(FleetState state)
    {
        FleetState.Copy(state.AgentFolder, AgentData);
        FleetState.Copy(state.HubFolder, HubData);
        foreach (var file in Directory.GetFiles(_folder.Path, "ledger.*"))
            File.Delete(file);
        foreach (var file in Directory.GetFiles(state.Folder))
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        _ledgers = state.Ledgers;
        foreach (var part in (Part[])[Part.Agent, Part.Hub])
            File.Delete(_folder.File($"{part}.log"));
    }

    /// <summary>Every ledger of the agent's lives beside the hub's store.</summary>
    public FaultComparison Compare()
    {
        var comparison = new FaultComparison();
        foreach (var ledger in Ledgers())
            comparison.AddLedger(ledger);

        // From a copy: SQLite would take the way into another mount namespace for a link, and follow it.
        var copy = _folder.File("compared");
        FleetState.Copy(HubData, copy);
        using var store = HubStore.OpenReadOnly(Path.Combine(copy, "hub.db"));
        foreach (var batch in store.EnumerateBatches())
            comparison.AddStored(batch);
        return comparison;
    }

    /// <summary>What the agent's last life came to, by its own account; after its orderly end.</summary>
    public LedgerSummary Summary() => JsonSerializer.Deserialize(
        File.ReadAllText(_folder.File($"ledger.{_ledgers - 1}.summary.json")),
        LedgerSummaryJson.Default.LedgerSummary)!;

    /// <summary>The windows of the hub's store, each with its verdicts; the hub must not run.</summary>
    public WindowComparison CompareWindows(string channel)
    {
        var copy = _folder.File("windows");
        FleetState.Copy(HubData, copy);
        using var store = HubStore.OpenReadOnly(Path.Combine(copy, "hub.db"));
        return new WindowComparison(store, new ChannelName(channel));
    }

    /// <summary>The hub's meters beside what the agent recorded.</summary>
    public MeterComparison CompareMeters()
    {
        var copy = _folder.File("metered");
        FleetState.Copy(HubData, copy);
        using var store = HubStore.OpenReadOnly(Path.Combine(copy, "hub.db"));
        return MeterComparison.Of(store, _ledgers);
    }

    public string Tail(Part part, int lines = 20) => File.Exists(_folder.File($"{part}.log"))
        ? string.Join('\n', File.ReadLines(_folder.File($"{part}.log")).TakeLast(lines))
        : "(no output)";

    public void Dispose()
    {
        foreach (var process in _running.Values)
            process.Dispose();
        Api.Dispose();
        _folder.Dispose();
    }

    public static long NowMicros() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    private string Log(Part part) =>
        File.Exists(_folder.File($"{part}.log")) ? File.ReadAllText(_folder.File($"{part}.log")) : "";

    // An agent that was killed while it started has none.
    private IEnumerable<string> Ledgers() => Enumerable.Range(0, _ledgers)
        .Select(i => new FileInfo(_folder.File($"ledger.{i}")))
        .Where(file => file is { Exists: true, Length: >= sizeof(ulong) }).Select(file => file.FullName);

    private void Forget(Part part)
    {
        _running.Remove(part, out var process);
        process!.Dispose();
    }
}
