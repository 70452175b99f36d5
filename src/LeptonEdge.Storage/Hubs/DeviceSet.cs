using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Some devices that a list is narrowed to.</summary>
/// <param name="AreFew">What they did is little of all that is there: it is gathered and sorted. Else the list is read in
/// its order, and what is of others left out.</param>
public sealed record DeviceSet(IReadOnlyCollection<DeviceId> Devices, bool AreFew)
{
    private const int FewShare = 50;

    /// <param name="total">Devices in all.</param>
    public static DeviceSet Of(IReadOnlyCollection<DeviceId> devices, int total) =>
        new(devices, devices.Count * FewShare <= total);

    /// <summary>Their names as JSON.</summary>
    internal string Json => Devices.Count == 0 ? "[]" : $"[\"{string.Join("\",\"", Devices)}\"]";
}
