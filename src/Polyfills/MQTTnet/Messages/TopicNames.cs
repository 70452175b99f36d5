using System.Text;

namespace MQTTnet.Internal;

/// <summary>The protocol's rules for topic names and topic filters (MQTT 5, section 4.7).</summary>
internal static class TopicNames
{
    /// <summary>More levels than this are refused: matching walks one level at a time.</summary>
    public const int LevelsMax = 128;

    public static bool IsValidName(string topic) =>
        topic.Length > 0 && topic.AsSpan().IndexOfAny('+', '#', '\0') < 0 && IsInSize(topic);

    public static bool IsValidFilter(string filter)
    {
        if (filter.Length == 0 || filter.Contains('\0') || !IsInSize(filter))
            return false;
        if (!filter.StartsWith("$share/", StringComparison.Ordinal))
            return AreWildcardsAlone(filter);
        return TryParseShare(filter, out _, out var rest) && AreWildcardsAlone(rest);
    }

    /// <summary>Takes <c>$share/group/filter</c> apart.</summary>
    public static bool TryParseShare(string filter, out string group, out string rest)
    {
        group = rest = string.Empty;
        if (!filter.StartsWith("$share/", StringComparison.Ordinal))
            return false;
        var end = filter.IndexOf('/', 7);
        if (end <= 7 || end == filter.Length - 1)
            return false;
        group = filter[7..end];
        rest = filter[(end + 1)..];
        return group.AsSpan().IndexOfAny('+', '#') < 0;
    }

    /// <summary>
    /// True when the filter matches the topic; wildcards at the start do not match topics that begin with $.
    /// </summary>
    public static bool Matches(string filter, string topic)
    {
        if (topic[0] == '$' && filter[0] is '+' or '#')
            return false;
        ReadOnlySpan<char> f = filter, t = topic;
        while (true)
        {
            var fEnd = f.IndexOf('/');
            var level = fEnd < 0 ? f : f[..fEnd];
            if (level is "#")
                return true;
            var tEnd = t.IndexOf('/');
            if (level is not "+" && !level.SequenceEqual(tEnd < 0 ? t : t[..tEnd]))
                return false;
            if (tEnd < 0)
                return fEnd < 0 || f[(fEnd + 1)..] is "#";
            if (fEnd < 0)
                return false;
            f = f[(fEnd + 1)..];
            t = t[(tEnd + 1)..];
        }
    }

    private static bool AreWildcardsAlone(string filter)
    {
        for (var i = 0; i < filter.Length; i++)
        {
            if (filter[i] is not ('+' or '#'))
                continue;
            if (i > 0 && filter[i - 1] != '/')
                return false;
            if (filter[i] == '#' ? i != filter.Length - 1 : i < filter.Length - 1 && filter[i + 1] != '/')
                return false;
        }
        return true;
    }

    private static bool IsInSize(string topic) =>
        topic.AsSpan().Count('/') < LevelsMax && Encoding.UTF8.GetByteCount(topic) <= ushort.MaxValue;
}
