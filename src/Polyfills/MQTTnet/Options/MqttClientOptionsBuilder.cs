using System.Net;
using System.Net.Sockets;
using System.Text;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MQTTnet;

/// <summary>Builds the options of a connection; a server (WithTcpServer or WithEndPoint) is required.</summary>
public sealed class MqttClientOptionsBuilder
{
    private readonly MqttClientOptions _options = new();
    private EndPoint? _remote;
    private MqttClientTcpOptions? _tcp;
    private MqttClientTlsOptions? _tls;

    /// <exception cref="InvalidOperationException">No server is set.</exception>
    public MqttClientOptions Build()
    {
        if (_tcp is null)
            throw new InvalidOperationException("A channel must be set.");
        _tcp.TlsOptions = _tls ?? _tcp.TlsOptions;
        _tcp.RemoteEndpoint ??= WithPort(_remote ?? throw new ArgumentException("No endpoint is set."));
        _options.ChannelOptions = _tcp;
        OptionChecks.ThrowIfNotSupported(_options);
        return _options;
    }

    public MqttClientOptionsBuilder WithAddressFamily(AddressFamily addressFamily)
    {
        (_tcp ?? throw new InvalidOperationException("Call WithTcpServer first.")).AddressFamily = addressFamily;
        return this;
    }

    /// <summary>MQTT 3.1.1's name for <see cref="WithCleanStart"/>.</summary>
    public MqttClientOptionsBuilder WithCleanSession(bool value = true) => With(o => o.CleanSession = value);

    public MqttClientOptionsBuilder WithCleanStart(bool value = true) => With(o => o.CleanSession = value);

    public MqttClientOptionsBuilder WithClientId(string value) => With(o => o.ClientId = value);

    public MqttClientOptionsBuilder WithCredentials(string username, string password) =>
        WithCredentials(username, password is null ? null : Encoding.UTF8.GetBytes(password));

    public MqttClientOptionsBuilder WithCredentials(string username, byte[]? password = null) =>
        WithCredentials(new MqttClientCredentials(username, password));

    public MqttClientOptionsBuilder WithCredentials(IMqttClientCredentialsProvider credentials) =>
        With(o => o.Credentials = credentials);

    public MqttClientOptionsBuilder WithEndPoint(EndPoint endPoint)
    {
        _remote = endPoint ?? throw new ArgumentNullException(nameof(endPoint));
        _tcp = new MqttClientTcpOptions();
        if (endPoint is UnixDomainSocketEndPoint)
            _tcp.ProtocolType = ProtocolType.Unspecified;
        return this;
    }

    public MqttClientOptionsBuilder WithKeepAlivePeriod(TimeSpan value) => With(o => o.KeepAlivePeriod = value);

    public MqttClientOptionsBuilder WithMaximumPacketSize(uint maximumPacketSize) =>
        With(o => o.MaximumPacketSize = maximumPacketSize);

    public MqttClientOptionsBuilder WithNoKeepAlive() => WithKeepAlivePeriod(TimeSpan.Zero);

    public MqttClientOptionsBuilder WithProtocolVersion(MqttProtocolVersion value)
    {
        if (value == MqttProtocolVersion.Unknown)
            throw new ArgumentException("Protocol version is invalid.");
        return With(o => o.ProtocolVersion = value);
    }

    public MqttClientOptionsBuilder WithReceiveMaximum(ushort receiveMaximum) =>
        With(o => o.ReceiveMaximum = receiveMaximum);

    public MqttClientOptionsBuilder WithRequestProblemInformation(bool requestProblemInformation = true) =>
        With(o => o.RequestProblemInformation = requestProblemInformation);

    public MqttClientOptionsBuilder WithRequestResponseInformation(bool requestResponseInformation = true) =>
        With(o => o.RequestResponseInformation = requestResponseInformation);

    /// <param name="sessionExpiryInterval">Seconds; uint.MaxValue never expires.</param>
    public MqttClientOptionsBuilder WithSessionExpiryInterval(uint sessionExpiryInterval) =>
        With(o => o.SessionExpiryInterval = sessionExpiryInterval);

    /// <summary>Without a port it is 8883 with TLS and 1883 without.</summary>
    public MqttClientOptionsBuilder WithTcpServer(
        string host, int? port = null, AddressFamily addressFamily = AddressFamily.Unspecified)
    {
        ArgumentNullException.ThrowIfNull(host);
        _tcp = new MqttClientTcpOptions();
        _remote = new DnsEndPoint(host, port ?? 0, addressFamily);
        return this;
    }

    public MqttClientOptionsBuilder WithTcpServer(Action<MqttClientTcpOptions> optionsBuilder)
    {
        ArgumentNullException.ThrowIfNull(optionsBuilder);
        _tcp = new MqttClientTcpOptions();
        optionsBuilder(_tcp);
        return this;
    }

    public MqttClientOptionsBuilder WithTimeout(TimeSpan value) => With(o => o.Timeout = value);

    public MqttClientOptionsBuilder WithTlsOptions(MqttClientTlsOptions tlsOptions)
    {
        _tls = tlsOptions;
        return this;
    }

    public MqttClientOptionsBuilder WithTlsOptions(Action<MqttClientTlsOptionsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new MqttClientTlsOptionsBuilder();
        configure(builder);
        return WithTlsOptions(builder.Build());
    }

    public MqttClientOptionsBuilder WithTopicAliasMaximum(ushort topicAliasMaximum) =>
        With(o => o.TopicAliasMaximum = topicAliasMaximum);

    public MqttClientOptionsBuilder WithTryPrivate(bool value = true) => With(o => o.TryPrivate = value);

    public MqttClientOptionsBuilder WithUserProperty(string name, string value) =>
        With(o => (o.UserProperties ??= []).Add(new MqttUserProperty(name, value)));

    public MqttClientOptionsBuilder WithWillContentType(string willContentType) =>
        With(o => o.WillContentType = willContentType);

    public MqttClientOptionsBuilder WithWillCorrelationData(byte[] willCorrelationData) =>
        With(o => o.WillCorrelationData = willCorrelationData);

    public MqttClientOptionsBuilder WithWillDelayInterval(uint willDelayInterval) =>
        With(o => o.WillDelayInterval = willDelayInterval);

    public MqttClientOptionsBuilder WithWillMessageExpiryInterval(uint willMessageExpiryInterval) =>
        With(o => o.WillMessageExpiryInterval = willMessageExpiryInterval);

    public MqttClientOptionsBuilder WithWillPayload(byte[]? willPayload) => With(o => o.WillPayload = willPayload);

    public MqttClientOptionsBuilder WithWillPayload(ArraySegment<byte> willPayload) =>
        WithWillPayload(willPayload.Count == 0 ? null : willPayload.ToArray());

    public MqttClientOptionsBuilder WithWillPayload(string? willPayload) =>
        WithWillPayload(string.IsNullOrEmpty(willPayload) ? null : Encoding.UTF8.GetBytes(willPayload));

    public MqttClientOptionsBuilder WithWillPayloadFormatIndicator(
        MqttPayloadFormatIndicator willPayloadFormatIndicator) =>
        With(o => o.WillPayloadFormatIndicator = willPayloadFormatIndicator);

    public MqttClientOptionsBuilder WithWillQualityOfServiceLevel(
        MqttQualityOfServiceLevel willQualityOfServiceLevel) =>
        With(o => o.WillQualityOfServiceLevel = willQualityOfServiceLevel);

    public MqttClientOptionsBuilder WithWillResponseTopic(string willResponseTopic) =>
        With(o => o.WillResponseTopic = willResponseTopic);

    public MqttClientOptionsBuilder WithWillRetain(bool willRetain = true) => With(o => o.WillRetain = willRetain);

    public MqttClientOptionsBuilder WithWillTopic(string willTopic) => With(o => o.WillTopic = willTopic);

    public MqttClientOptionsBuilder WithWillUserProperty(string name, string value) =>
        With(o => (o.WillUserProperties ??= []).Add(new MqttUserProperty(name, value)));

    private EndPoint WithPort(EndPoint remote)
    {
        var port = _tcp!.TlsOptions.UseTls ? MqttPorts.Secure : MqttPorts.Default;
        return remote switch
        {
            DnsEndPoint { Port: 0 } dns => new DnsEndPoint(dns.Host, port, dns.AddressFamily),
            IPEndPoint { Port: 0 } ip => new IPEndPoint(ip.Address, port),
            _ => remote,
        };
    }

    private MqttClientOptionsBuilder With(Action<MqttClientOptions> change)
    {
        change(_options);
        return this;
    }
}
