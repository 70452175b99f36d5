using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Planning;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Sync.Hubs;

namespace LeptonEdge.Hub.DeviceLogs;

/// <summary>Asks devices for lines of their logs, and gives the answers to whoever asked. Any thread.</summary>
internal sealed class LogDesk : IDisposable
{
    public const int ReadingsMax = 64;
    public const int FollowersMax = 200;
    public const int FollowersOfDeviceMax = 20;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    // A device that hears nothing for so long ends by itself; two renewals may be lost before.
    private const uint FollowSeconds = 30;

    private readonly HubLink _link;
    private readonly TenantId _tenant;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DeviceId Device, LogReading Reading)> _readings = [];
    private readonly Dictionary<DeviceId, LogStream> _streams = [];
    private readonly ITimer _renewing;

    public LogDesk(HubLink link, FleetState fleet, TimeProvider clock)
    {
        (_link, _tenant, _clock) = (link, fleet.Tenant, clock);
        link.Logged += Take;
        _renewing = clock.CreateTimer(_ => Renew(), null, RenewEvery, RenewEvery);
    }

    /// <summary>The newest lines that a device has.</summary>
    public async Task<LogOutcome> ReadAsync(DeviceView device, int lines, LogLevelCode level, CancellationToken aborted)
    {
        var (id, reading) = (Guid.NewGuid().ToString("n"), new LogReading(lines));
        lock (_gate)
        {
            if (_readings.Count >= ReadingsMax)
                return new LogOutcome.TooMany();
            _readings.Add(id, (device.Device, reading));
        }

        try
        {
            var command = new Command { Id = id, ReadLogs = new ReadLogs { Lines = (uint)lines, Level = level } };
            if (!await _link.SendCommandAsync(_tenant, device.Device, command).ConfigureAwait(false))
                return new LogOutcome.NotConnected();
            if (!device.State.AnswersLogs)
                return new LogOutcome.TooOld();
            return new LogOutcome.Answered(
                await reading.Done.WaitAsync(Patience, _clock, aborted).ConfigureAwait(false));
        }
        catch (TimeoutException)
        {
            return new LogOutcome.Silent();
        }
        finally
        {
            lock (_gate)
                _readings.Remove(id);
        }
    }

    /// <summary>New lines of a device from now on, until <see cref="Leave"/>.</summary>
    public async Task<LogOutcome> FollowAsync(DeviceView device, LogLevelCode level)
    {
        var follower = new LogFollower(level);
        LogStream? stream;
        lock (_gate)
        {
            if (_streams.Values.Sum(known => known.Count) >= FollowersMax)
                return new LogOutcome.TooMany();
            if (!_streams.TryGetValue(device.Device, out stream))
                _streams.Add(device.Device, stream = new LogStream());
            if (stream.Count >= FollowersOfDeviceMax)
                return new LogOutcome.TooMany();
            stream.Add(follower);
        }

        if (!await SendAsync(device.Device, stream, FollowSeconds).ConfigureAwait(false))
        {
            Leave(device.Device, follower);
            return new LogOutcome.NotConnected();
        }

        if (device.State.AnswersLogs)
            return new LogOutcome.Followed(follower);
        Leave(device.Device, follower);
        return new LogOutcome.TooOld();
    }

    public void Leave(DeviceId device, LogFollower follower)
    {
        LogStream? stream;
        lock (_gate)
        {
            if (!_streams.TryGetValue(device, out stream))
                return;
            stream.Remove(follower);
            if (stream.Count > 0)
                return;
            _streams.Remove(device);
        }

        _ = SendAsync(device, stream, 0);
    }

    public void Dispose()
    {
        _link.Logged -= Take;
        _renewing.Dispose();
    }

    private void Take(TenantId tenant, DeviceId device, LogReply reply)
    {
        if (tenant != _tenant)
            return;
        lock (_gate)
        {
            // Another device that guesses the number of a question has not been asked.
            if (_readings.TryGetValue(reply.Id, out var asked) && asked.Device == device)
                asked.Reading.Take(reply);
            else if (_streams.TryGetValue(device, out var stream) && stream.Id == reply.Id)
                stream.Take(reply);
        }
    }

    private void Renew()
    {
        KeyValuePair<DeviceId, LogStream>[] streams;
        lock (_gate)
            streams = [.. _streams];
        foreach (var (device, stream) in streams)
            _ = SendAsync(device, stream, FollowSeconds);
    }

    // A device that is away for a while is asked again with the next renewal.
    private Task<bool> SendAsync(DeviceId device, LogStream stream, uint seconds)
    {
        LogLevelCode level;
        lock (_gate)
            level = stream.Level;
        return _link.SendCommandAsync(_tenant, device, new Command
        {
            Id = stream.Id, FollowLogs = new FollowLogs { Level = level, Seconds = seconds },
        });
    }
}
