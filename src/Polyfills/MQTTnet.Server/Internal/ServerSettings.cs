using System.Collections;

namespace MQTTnet.Server.Internal;

/// <summary>
/// Settings that the published package has no member for: read from MqttServer.ServerSessionItems when the server
/// starts. The published package keeps those items and makes nothing of them.
/// </summary>
internal sealed record ServerSettings
{
    /// <summary>Sessions and retained messages are kept in this file; null: in memory only.</summary>
    public string? SessionFile { get; init; }

    /// <summary>Bytes of the file, beyond which no more messages are taken for kept sessions.</summary>
    public long SessionFileBytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>The longest keep-alive period, in whole seconds; zero: whatever the client asks for.</summary>
    public ushort KeepAliveMax { get; init; }

    /// <exception cref="ArgumentException">A value has the wrong type, or is out of its range.</exception>
    public static ServerSettings Read(IDictionary items)
    {
        var bytes = Value<long>(items, nameof(SessionFileBytesMax)) ?? new ServerSettings().SessionFileBytesMax;
        var keepAlive = Value<TimeSpan>(items, nameof(KeepAliveMax)) ?? TimeSpan.Zero;
        if (bytes is < 1024 * 1024 or > 1L << 40)
            throw Wrong(nameof(SessionFileBytesMax), "a number from 1 MiB to 1 TiB");
        if (keepAlive < TimeSpan.Zero || keepAlive.TotalSeconds > ushort.MaxValue)
            throw Wrong(nameof(KeepAliveMax), "from 0 to 65,535 s");
        return new ServerSettings
        {
            SessionFile = Item(items, nameof(SessionFile)) switch
            {
                null => null,
                string path => path,
                _ => throw Wrong(nameof(SessionFile), "a path"),
            },
            SessionFileBytesMax = bytes,
            KeepAliveMax = (ushort)Math.Ceiling(keepAlive.TotalSeconds),
        };
    }

    private static object? Item(IDictionary items, string name) => items[Key(name)];

    private static T? Value<T>(IDictionary items, string name)
        where T : struct => Item(items, name) switch
        {
            null => null,
            T value => value,
            _ => throw Wrong(name, $"a {typeof(T).Name}"),
        };

    private static string Key(string name) => "MQTTnet.Server." + name;

    private static ArgumentException Wrong(string name, string right) => new($"{Key(name)} has to be {right}.");
}
