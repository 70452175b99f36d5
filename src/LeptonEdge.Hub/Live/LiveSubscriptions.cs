using System.Collections.Concurrent;
using System.Security.Cryptography;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Live;

/// <summary>What streams were told to follow, for callers whose list is too long for an address.</summary>
internal sealed class LiveSubscriptions(TimeProvider clock)
{
    /// <summary>The oldest goes when there are more.</summary>
    public const int Most = 2000;

    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, Entry> _entries = [];

    internal sealed record Entry(string Owner, LiveWish Wish)
    {
        public long UsedAt { get; set; }
    }

    public string Add(Entry entry)
    {
        foreach (var (old, kept) in _entries)
        {
            if (clock.GetElapsedTime(kept.UsedAt) > GoodFor)
                _entries.TryRemove(old, out _);
        }

        if (_entries.Count >= Most)
            _entries.TryRemove(_entries.MinBy(kept => kept.Value.UsedAt).Key, out _);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        entry.UsedAt = clock.GetTimestamp();
        _entries[id] = entry;
        return id;
    }

    /// <summary>Null when there is none, or it is somebody else's.</summary>
    public Entry? Find(string id, string owner)
    {
        if (!_entries.TryGetValue(id, out var entry) || entry.Owner != owner)
            return null;
        entry.UsedAt = clock.GetTimestamp();
        return entry;
    }
}
