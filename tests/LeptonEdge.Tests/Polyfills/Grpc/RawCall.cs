using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>A gRPC call by hand over HTTP/2, for what no client library would send.</summary>
public static class RawCall
{
    private static readonly HttpClient Http = new();

    public static byte[] Frame(ReadOnlySpan<byte> payload, byte flag = 0)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame.AsSpan(5));
        return frame;
    }

    public static async Task<Answer> PostAsync(
        string address, string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        foreach (var (name, value) in headers)
        {
            if (name == "content-type")
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await Http.SendAsync(request);
        var content = await response.Content.ReadAsByteArrayAsync();
        return new Answer(
            response.StatusCode, content, Find(response, "grpc-status"), Find(response, "grpc-message"));
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var last) ? last.Single()
        : response.Headers.TryGetValues(name, out var first) ? first.Single()
        : null;

    public sealed record Answer(HttpStatusCode Http, byte[] Body, string? Status, string? Message);
}
