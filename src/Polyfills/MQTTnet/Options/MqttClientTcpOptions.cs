using System.Net;
using System.Net.Sockets;

namespace MQTTnet;

/// <summary>The protocol's registered ports.</summary>
public static class MqttPorts
{
    public const int Default = 1883;
    public const int Secure = 8883;
}

/// <summary>A TCP (or Unix) socket, with or without TLS.</summary>
public sealed class MqttClientTcpOptions : IMqttClientChannelOptions
{
    public AddressFamily AddressFamily { get; set; } = AddressFamily.Unspecified;

    /// <summary>Bytes that one read from the socket may take.</summary>
    public int BufferSize { get; set; } = 8192;

    public bool? DualMode { get; set; }

    public LingerOption LingerState { get; set; } = new(true, 0);

    /// <summary>Null lets the system choose the network card.</summary>
    public EndPoint? LocalEndpoint { get; set; }

    public bool NoDelay { get; set; } = true;

    public ProtocolType ProtocolType { get; set; } = ProtocolType.Tcp;

    public EndPoint? RemoteEndpoint { get; set; }

    public MqttClientTlsOptions TlsOptions { get; set; } = new();

    public override string ToString() => RemoteEndpoint?.ToString() ?? string.Empty;
}
