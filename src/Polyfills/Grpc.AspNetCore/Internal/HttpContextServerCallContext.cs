using System.Net;
using System.Text;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>One served call over one HTTP/2 stream.</summary>
internal sealed partial class HttpContextServerCallContext(HttpContext http, IMethod method, CallSettings settings)
    : ServerCallContext
{
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private AuthContext? _authContext;
    private DateTime _deadline = DateTime.MaxValue;

    public HttpContext HttpContext { get; } = http;

    protected override string MethodCore => method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore
    {
        get
        {
            var connection = HttpContext.Connection;
            return connection.RemoteIpAddress is not { } address
                ? "unknown"
                : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
                    ? $"ipv4:{address}:{connection.RemotePort}"
                    : $"ipv6:[{WebUtility.UrlEncode(address.ToString())}]:{connection.RemotePort}";
        }
    }

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadHeaders();

    protected override CancellationToken CancellationTokenCore => Token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => _authContext ??= ReadCertificate();

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    /// <summary>Lets a stream of requests take as long and grow as large as its messages' limits allow.</summary>
    public void AllowLongRequests()
    {
        if (HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        if (HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
    }

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options)
    {
        options ??= ContextPropagationOptions.Default;
        return new ContextPropagationToken(
            options.IsPropagateDeadline ? _deadline : null,
            options.IsPropagateCancellation ? Token : CancellationToken.None);
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        if (HttpContext.Response.HasStarted)
            throw new InvalidOperationException("Response headers can only be sent once per call.");
        AddTo(HttpContext.Response.Headers, responseHeaders);
        return HttpContext.Response.BodyWriter.FlushAsync(Token).AsTask();
    }

    private static void AddTo(IHeaderDictionary headers, Metadata metadata)
    {
        foreach (var entry in metadata)
        {
            if (!GrpcProtocol.IsReserved(entry.Key))
                headers.Append(entry.Key, GrpcProtocol.EncodeValue(entry));
        }
    }

    private Metadata ReadHeaders()
    {
        var metadata = new Metadata();
        foreach (var (name, values) in HttpContext.Request.Headers)
        {
            foreach (var value in values)
                GrpcProtocol.AddReceived(metadata, name, value ?? "");
        }
        return metadata;
    }

    private AuthContext ReadCertificate()
    {
        var certificate = HttpContext.Connection.ClientCertificate;
        if (certificate is null)
            return new AuthContext(null, []);
        var properties = new Dictionary<string, List<AuthProperty>>();
        Add("x509_common_name", certificate.GetNameInfo(
            System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: false));
        Add("x509_subject_alternative_name", certificate.GetNameInfo(
            System.Security.Cryptography.X509Certificates.X509NameType.DnsName, forIssuer: false));
        var identity = properties.ContainsKey("x509_subject_alternative_name")
            ? "x509_subject_alternative_name"
            : "x509_common_name";
        return new AuthContext(properties.ContainsKey(identity) ? identity : null, properties);

        void Add(string name, string value)
        {
            if (value.Length > 0)
                properties[name] = [AuthProperty.Create(name, Encoding.UTF8.GetBytes(value))];
        }
    }
}
