using MQTTnet.Internal;
using MQTTnet.Packets;

namespace MQTTnet.Server.Internal;

/// <summary>One session's subscription to one filter.</summary>
internal sealed class Subscription(Session session, MqttTopicFilter filter, uint identifier)
{
    public Session Session { get; } = session;

    public MqttTopicFilter Filter { get; } = filter;

    /// <summary>0: none.</summary>
    public uint Identifier { get; } = identifier;
}

/// <summary>
/// All subscriptions by the levels of their filters, so that a message visits only what may match it.
/// </summary>
internal sealed class TopicTree
{
    private readonly Node _root = new();

    private sealed class Node
    {
        public Dictionary<string, Node>? Children { get; set; }

        public Dictionary<Session, Subscription>? Plain { get; set; }

        public Dictionary<string, Group>? Shared { get; set; }

        public bool IsEmpty => Children is null or { Count: 0 } && Plain is null or { Count: 0 }
            && Shared is null or { Count: 0 };
    }

    /// <summary>The sessions that share one subscription; each message goes to one of them.</summary>
    private sealed class Group
    {
        private int _next;

        public List<Subscription> Members { get; } = [];

        /// <summary>
        /// Takes turns among the connected; an absent session gets a message only when all are absent.
        /// </summary>
        public Subscription Choose()
        {
            for (var i = 0; i < Members.Count; i++)
            {
                var member = Members[(_next + i) % Members.Count];
                if (!member.Session.IsConnected)
                    continue;
                _next = (_next + i + 1) % Members.Count;
                return member;
            }
            return Members[_next++ % Members.Count];
        }
    }

    /// <summary>Adds or replaces; the filter may be a shared one.</summary>
    public void Add(Subscription subscription)
    {
        var isShared = TopicNames.TryParseShare(subscription.Filter.Topic, out var name, out var filter);
        lock (_root)
        {
            var node = _root;
            foreach (var level in (isShared ? filter : subscription.Filter.Topic).Split('/'))
            {
                node.Children ??= [];
                if (!node.Children.TryGetValue(level, out var child))
                    node.Children.Add(level, child = new Node());
                node = child;
            }
            if (!isShared)
            {
                (node.Plain ??= [])[subscription.Session] = subscription;
                return;
            }
            node.Shared ??= [];
            if (!node.Shared.TryGetValue(name, out var group))
                node.Shared.Add(name, group = new Group());
            group.Members.RemoveAll(m => m.Session == subscription.Session);
            group.Members.Add(subscription);
        }
    }

    public void Remove(Session session, string topicFilter)
    {
        var isShared = TopicNames.TryParseShare(topicFilter, out var name, out var filter);
        lock (_root)
            Remove(_root, (isShared ? filter : topicFilter).Split('/'), 0, session, isShared ? name : null);
    }

    /// <summary>
    /// Adds to <paramref name="found"/> every plain subscription that matches, and one member per group.
    /// </summary>
    public void Match(string topic, List<Subscription> found)
    {
        lock (_root)
            Match(_root, topic, isFirst: true, found);
    }

    private static void Match(Node node, ReadOnlySpan<char> rest, bool isFirst, List<Subscription> found)
    {
        if (node.Children is not { } children)
            return;
        var end = rest.IndexOf('/');
        var level = end < 0 ? rest : rest[..end];
        var hidden = isFirst && level.StartsWith("$");
        if (!hidden && children.TryGetValue("#", out var all))
            Take(all, found);
        if (!hidden && children.TryGetValue("+", out var any))
            Descend(any, rest, end, found);
        if (children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(level, out var same))
            Descend(same, rest, end, found);
    }

    private static void Descend(Node node, ReadOnlySpan<char> rest, int end, List<Subscription> found)
    {
        if (end >= 0)
        {
            Match(node, rest[(end + 1)..], isFirst: false, found);
            return;
        }
        Take(node, found);
        // "a/#" matches "a" as well.
        if (node.Children is { } children && children.TryGetValue("#", out var below))
            Take(below, found);
    }

    private static void Take(Node node, List<Subscription> found)
    {
        if (node.Plain is not null)
            found.AddRange(node.Plain.Values);
        if (node.Shared is null)
            return;
        foreach (var group in node.Shared.Values)
            found.Add(group.Choose());
    }

    private static void Remove(Node node, string[] levels, int depth, Session session, string? group)
    {
        if (depth < levels.Length)
        {
            if (node.Children is null || !node.Children.TryGetValue(levels[depth], out var child))
                return;
            Remove(child, levels, depth + 1, session, group);
            if (child.IsEmpty)
                node.Children.Remove(levels[depth]);
            return;
        }
        if (group is null)
        {
            node.Plain?.Remove(session);
            return;
        }
        if (node.Shared is null || !node.Shared.TryGetValue(group, out var shared))
            return;
        shared.Members.RemoveAll(m => m.Session == session);
        if (shared.Members.Count == 0)
            node.Shared.Remove(group);
    }
}
