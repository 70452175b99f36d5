using System.Net;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads the section <c>peers</c>: how other devices of the site reach this one.</summary>
internal static class PeerReader
{
    private const string ListenForm = "an address and port of this machine, such as 10.0.0.7:8445 or 0.0.0.0:8445";

    public static PeerSettings? Read(YamlSection root)
    {
        if (root.Section("peers") is not { } section)
            return null;
        if (!root.Has("hub"))
            root.Fault("peers", "needs a hub, which says who runs what for whom: give hub.mqtt");
        var listen = ReadListen(section);
        var address = ReadAddress(section, listen);
        section.Complete();
        return listen is null || address is null ? null : new PeerSettings(listen, address);
    }

    private static IPEndPoint? ReadListen(YamlSection section)
    {
        if (section.Required("listen", $"give {ListenForm}") is not { } text)
            return null;
        // The platform's parser takes a missing port for 0.
        if (IPEndPoint.TryParse(text, out var endPoint)
            && text.EndsWith($":{endPoint.Port}", StringComparison.Ordinal))
            return endPoint;
        section.Fault("listen", $"'{text}' is not {ListenForm}");
        return null;
    }

    private static Uri? ReadAddress(YamlSection section, IPEndPoint? listen)
    {
        var text = section.Text("address");
        if (text is null)
        {
            if (listen is null)
                return null;
            if (!listen.Address.Equals(IPAddress.Any) && !listen.Address.Equals(IPAddress.IPv6Any))
                return new Uri($"https://{listen}");
            section.Fault(
                "address", $"listen is every address of the machine: say which one the others use, such as "
                + $"https://press-7.plant:{listen.Port}");
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            && address.PathAndQuery == "/" && address.UserInfo.Length == 0)
            return address;
        section.Fault("address", $"'{text}' is not an https address, such as https://press-7.plant:8445");
        return null;
    }
}
