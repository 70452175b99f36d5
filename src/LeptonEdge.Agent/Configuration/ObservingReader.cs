using System.Net;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads the sections by which others look at the agent.</summary>
internal static class ObservingReader
{
    private static readonly IPEndPoint MetricsDefault = new(IPAddress.Loopback, 9465);

    public static MetricsSettings? ReadMetrics(YamlSection root)
    {
        if (root.Section("metrics") is not { } section)
            return null;
        var listen = MetricsDefault;
        if (section.Text("listen") is { } text)
        {
            // IPEndPoint takes a bare address for one with port 0: only ADDRESS:PORT is clear enough here.
            if (IPEndPoint.TryParse(text, out var address) && address.ToString() == text)
                listen = address;
            else
                section.Fault("listen", $"'{text}' is not ADDRESS:PORT, such as 127.0.0.1:9465");
        }

        section.Complete();
        return new MetricsSettings(listen);
    }
}
