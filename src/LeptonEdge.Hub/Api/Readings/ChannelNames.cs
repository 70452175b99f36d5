using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Api.Readings;

/// <summary>Channels as requests name them: DEVICE/CHANNEL, several with commas or as several parameters.</summary>
internal static class ChannelNames
{
    public const int Most = 200;

    public static string? Read(
        string field, IReadOnlyList<string> texts, out List<(DeviceId Device, ChannelName Channel)> channels)
    {
        channels = [];
        foreach (var text in texts.SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
                return $"{field}: give each as DEVICE/CHANNEL";
            if ((RequestRange.Device(text[..slash], out var device) ?? RequestRange.Channel(text[(slash + 1)..], out _))
                is { } fault)
                return $"{field}: {fault}";
            RequestRange.Channel(text[(slash + 1)..], out var channel);
            channels.Add((device, channel));
            if (channels.Count > Most)
                return $"{field}: at most {Most} channels at once";
        }

        return null;
    }
}
