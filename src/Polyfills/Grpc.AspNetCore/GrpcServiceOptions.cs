using System.IO.Compression;

namespace Grpc.AspNetCore.Server;

/// <summary>Limits and manners of gRPC services; those of one service override the general ones.</summary>
public class GrpcServiceOptions
{
    private const int DefaultReceiveBytesMax = 4 * 1024 * 1024;

    private int? _receiveBytesMax = DefaultReceiveBytesMax;
    private int? _sendBytesMax;

    /// <summary>Longest response message in bytes; null for no limit.</summary>
    public int? MaxSendMessageSize
    {
        get => _sendBytesMax;
        set => (_sendBytesMax, SetsSendLimit) = (value, true);
    }

    /// <summary>Longest request message in bytes, compressed or not; null for no limit. 4 MiB unless set.</summary>
    public int? MaxReceiveMessageSize
    {
        get => _receiveBytesMax;
        set => (_receiveBytesMax, SetsReceiveLimit) = (value, true);
    }

    /// <summary>Whether a client learns the type and message of an exception that a handler threw.</summary>
    public bool? EnableDetailedErrors { get; set; }

    /// <summary>
    /// <c>gzip</c> to compress responses to the clients that accept it; null or <c>identity</c> not to.
    /// </summary>
    public string? ResponseCompressionAlgorithm { get; set; }

    public CompressionLevel? ResponseCompressionLevel { get; set; }

    /// <summary>True: calls of unknown services and methods pass by, to whatever else is mapped.</summary>
    public bool? IgnoreUnknownServices { get; set; }

    internal bool SetsSendLimit { get; private set; }

    internal bool SetsReceiveLimit { get; private set; }
}

/// <summary>Options of the service <typeparamref name="TService"/> alone.</summary>
public class GrpcServiceOptions<TService> : GrpcServiceOptions
    where TService : class
{
}

/// <summary>Continues the configuration that <c>AddGrpc</c> began.</summary>
public interface IGrpcServerBuilder
{
    Microsoft.Extensions.DependencyInjection.IServiceCollection Services { get; }
}

/// <summary>Metadata of a gRPC endpoint: the service and the method it serves.</summary>
public sealed class GrpcMethodMetadata
{
    public GrpcMethodMetadata(Type serviceType, Grpc.Core.IMethod method)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        ArgumentNullException.ThrowIfNull(method);
        ServiceType = serviceType;
        Method = method;
    }

    public Type ServiceType { get; }

    public Grpc.Core.IMethod Method { get; }
}
