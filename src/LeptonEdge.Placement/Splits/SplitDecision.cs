using System.Globalization;
using LeptonEdge.Core.Profiles;

namespace LeptonEdge.Placement.Splits;

/// <summary>Where the steps of a model run.</summary>
public enum SplitPlace
{
    /// <summary>All on the device.</summary>
    Device,

    /// <summary>All in the hub; the inputs cross.</summary>
    Hub,

    /// <summary>Some on the device, the rest in the hub.</summary>
    Split,
}

/// <summary>How a model is shared between device and hub, and what one run of it costs so.</summary>
public sealed class SplitDecision
{
    private readonly bool[] _onDevice;

    internal SplitDecision(ModelProfile profile, bool[] onDevice, SplitCosts costs)
    {
        Profile = profile;
        _onDevice = onDevice;
        (DeviceTime, LinkTime, HubTime, UpBytes, DownBytes) = costs.Of(onDevice, out var crossing);
        Crossing = crossing;
        var steps = onDevice.Count(on => on);
        Place = steps == onDevice.Length ? SplitPlace.Device : steps == 0 ? SplitPlace.Hub : SplitPlace.Split;
    }

    public ModelProfile Profile { get; }

    public SplitPlace Place { get; }

    /// <summary>Places of the tensors that go up.</summary>
    public IReadOnlyList<int> Crossing { get; }

    public TimeSpan DeviceTime { get; }

    /// <summary>Both ways, with the round trip.</summary>
    public TimeSpan LinkTime { get; }

    public TimeSpan HubTime { get; }

    /// <summary>Bytes to the hub.</summary>
    public long UpBytes { get; }

    /// <summary>Bytes back.</summary>
    public long DownBytes { get; }

    public TimeSpan Latency => DeviceTime + LinkTime + HubTime;

    /// <summary>Whether a step runs on the device.</summary>
    public bool IsOnDevice(int step) => _onDevice[step];

    /// <summary>One sentence with the figures that decided.</summary>
    public override string ToString()
    {
        var names = string.Join(", ", Crossing.Select(at => $"'{Profile.Tensors[at].Name}'"));
        var where = Place switch
        {
            SplitPlace.Device => "all on the device",
            SplitPlace.Hub => "all in the hub",
            _ => $"cut at {names}",
        };
        return $"{Profile.Model}: {where}: {Millis(Latency)} ms = device {Millis(DeviceTime)} + link "
            + $"{Millis(LinkTime)} ({UpBytes} bytes up) + hub {Millis(HubTime)}";
    }

    private static string Millis(TimeSpan time) =>
        time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
}
