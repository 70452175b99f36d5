using MQTTnet.Internal;

namespace MQTTnet.Server.Internal;

/// <summary>
/// Topic aliases towards one client: the first topics that come get one each, for as long as the connection lasts.
/// </summary>
/// <remarks>
/// First come, not last used: with more topics than aliases, replacing one per message would cost bytes, not save them.
/// </remarks>
internal sealed class OutgoingAliases(ushort aliasesMax, uint packetBytesMax)
{
    /// <summary>An alias takes three bytes: shorter topics are cheaper as they are.</summary>
    private const int TopicCharsMin = 4;

    private readonly int _max = Math.Min((int)aliasesMax, ServerLimits.OutgoingAliasesMax);
    private readonly Dictionary<string, ushort> _aliases = [];

    /// <summary>Replaces the topic by its alias; a topic's first message carries both.</summary>
    public PublishHeader Apply(MqttApplicationMessage message, in PublishHeader header)
    {
        if (_aliases.TryGetValue(message.Topic, out var known))
            return header with { TopicAlias = known, OmitsTopic = true };
        if (_aliases.Count >= _max || message.Topic.Length < TopicCharsMin)
            return header;
        var first = header with { TopicAlias = (ushort)(_aliases.Count + 1) };
        // The message was found to fit without the alias's own bytes.
        if (packetBytesMax != uint.MaxValue
            && PublishEncoder.SizeOf(message, first, Formatter.MqttProtocolVersion.V500) > packetBytesMax)
            return header;
        _aliases.Add(message.Topic, first.TopicAlias);
        return first;
    }
}
