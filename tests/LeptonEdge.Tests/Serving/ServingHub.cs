using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Inference;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Serving;

/// <summary>A hub over models of every type and shape: "types" gives back each of its inputs; "open" has free
/// dimensions; "scalar" has none; "tiny" is a bundle in two versions; "broken" does not load.</summary>
public sealed class ServingHub : IAsyncLifetime
{
    public static readonly TensorType[] Types = Enum.GetValues<TensorType>();

    private readonly TempFolder _folder = new();
    private readonly List<GrpcChannel> _channels = [];

    public HubUnderTest Hub { get; private set; } = null!;

    public string Models => _folder.File("models");

    public GRPCInferenceService.GRPCInferenceServiceClient Device => Client(certificate: true, token: false);

    public GRPCInferenceService.GRPCInferenceServiceClient Operator => Client(certificate: false, token: true);

    public async Task InitializeAsync()
    {
        Write("types", "1", IdentityOnnx.Write(
            [.. Types.Select(type => (type.Name(), type, new object?[] { null, 2 }))]));
        Write("open", "1", IdentityOnnx.Write(
            ("a", TensorType.Int64, [null, null, 2]), ("b", TensorType.Float32, [null, null])));
        Write("scalar", "1", IdentityOnnx.Write(("s", TensorType.Float64, []), ("v", TensorType.UInt8, [3])));
        Write("broken", "1", Encoding.UTF8.GetBytes("this is no model"));
        foreach (var version in (string[])["1.9.0", "1.10.0"])
            TestBundle.Write(Path.Combine(Models, "tiny", version), manifest =>
            {
                manifest["name"] = "tiny";
                manifest["version"] = version;
            });
        Hub = new HubUnderTest { ModelsFolder = Models };
        await Hub.InitializeAsync(ready: false);
    }

    public async Task DisposeAsync()
    {
        foreach (var channel in _channels)
            channel.Dispose();
        await Hub.DisposeAsync();
        _folder.Dispose();
    }

    public void Write(string name, string version, byte[] model)
    {
        Directory.CreateDirectory(Path.Combine(Models, name, version));
        File.WriteAllBytes(Path.Combine(Models, name, version, "model.onnx"), model);
    }

    /// <summary>Elements that show each type's limits, four for two rows of two.</summary>
    public static ByteString Raw(TensorType type) => type switch
    {
        TensorType.Bool => ByteString.CopyFrom(1, 0, 0, 1),
        TensorType.UInt8 => Bytes<byte>([0, 1, 128, 255]),
        TensorType.Int8 => Bytes<sbyte>([-128, -1, 0, 127]),
        TensorType.UInt16 => Bytes<ushort>([0, 1, 32768, 65535]),
        TensorType.Int16 => Bytes<short>([-32768, -1, 0, 32767]),
        TensorType.UInt32 => Bytes<uint>([0, 1, 2, uint.MaxValue]),
        TensorType.Int32 => Bytes<int>([int.MinValue, -1, 0, int.MaxValue]),
        TensorType.UInt64 => Bytes<ulong>([0, 1, 2, ulong.MaxValue]),
        TensorType.Int64 => Bytes<long>([long.MinValue, -1, 0, long.MaxValue]),
        TensorType.Float16 => Bytes<Half>([Half.MinValue, Half.Epsilon, (Half)0, Half.PositiveInfinity]),
        TensorType.BFloat16 => ByteString.CopyFrom(0x80, 0x3F, 0x80, 0x7F, 0, 0, 0x49, 0x40),
        TensorType.Float32 => Bytes<float>([float.MinValue, float.Epsilon, 0, float.NaN]),
        TensorType.Float64 => Bytes<double>([double.MinValue, double.Epsilon, 0, double.NaN]),
        _ => Strings("", "a", "grüß", "日本"),
    };

    public static ByteString Strings(params string[] texts) => ByteString.CopyFrom(
        [.. texts.Select(Encoding.UTF8.GetBytes).SelectMany(text => BitConverter.GetBytes(text.Length).Concat(text))]);

    public static ByteString Bytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    /// <summary>A request for "types" in the raw form.</summary>
    public static ModelInferRequest AllTypes()
    {
        var request = new ModelInferRequest { ModelName = "types", Id = "all" };
        foreach (var type in Types)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = type.Name(), Datatype = type.Name(), Shape = { 2, 2 },
            });
            request.RawInputContents.Add(Raw(type));
        }

        return request;
    }

    private GRPCInferenceService.GRPCInferenceServiceClient Client(bool certificate, bool token)
    {
        var handler = Hub.TlsHandler(certificate ? Hub.Device("edge-serving") : null);
        var channel = GrpcChannel.ForAddress(Hub.Https, new GrpcChannelOptions { HttpHandler = handler });
        _channels.Add(channel);
        return new GRPCInferenceService.GRPCInferenceServiceClient(
            token ? new TokenInvoker(channel.CreateCallInvoker(), Hub.Token) : channel.CreateCallInvoker());
    }

    /// <summary>Sends the operator's token with each call.</summary>
    private sealed class TokenInvoker(CallInvoker inner, string token) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.AsyncUnaryCall(method, host, With(options), request);

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.BlockingUnaryCall(method, host, With(options), request);

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            inner.AsyncClientStreamingCall(method, host, With(options));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            inner.AsyncServerStreamingCall(method, host, With(options), request);

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            inner.AsyncDuplexStreamingCall(method, host, With(options));

        private CallOptions With(CallOptions options) =>
            options.WithHeaders(new Metadata { { "authorization", $"Bearer {token}" } });
    }
}
