using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing;

/// <summary>Makes channel names out of names that others chose: disks, interfaces, column headers.</summary>
internal static class ChannelNames
{
    /// <summary>Lower case, with '_' for what a channel name may not hold; no longer than a channel name may
    /// be.</summary>
    public static ChannelName From(string prefix, string foreign)
    {
        var part = string.Create(foreign.Length, foreign, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var c = char.ToLowerInvariant(source[i]);
                span[i] = char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_';
            }
        });
        var name = prefix.Length == 0 ? part.TrimStart('_', '-', '.') : $"{prefix}.{part}";
        return new ChannelName(name.Length > 128 ? name[..128] : name);
    }
}
