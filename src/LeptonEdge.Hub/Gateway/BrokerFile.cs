using MQTTnet.Server;

namespace LeptonEdge.Hub.Gateway;

/// <summary>Where the embedded broker keeps sessions and retained messages. The fleet's own connections end their
/// sessions with themselves, so that batches pass the broker without touching its file.</summary>
internal static class BrokerFile
{
    public const string Name = "broker.db";

    // Read by a server that can keep sessions in a file; any other takes it for an item like any other.
    private const string ItemKey = "MQTTnet.Server.SessionFile";

    public static void Use(MqttServer server, string dataFolder) =>
        server.ServerSessionItems[ItemKey] = Path.Combine(dataFolder, Name);
}
