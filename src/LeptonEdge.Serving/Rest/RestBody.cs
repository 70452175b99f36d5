using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Serving.Rest;

/// <summary>A request's body: a JSON object, and behind it the binary data of its tensors.</summary>
internal sealed class RestBody : IDisposable
{
    public const string HeaderLength = "Inference-Header-Content-Length";

    private const int BytesMax = 16 * 1024 * 1024;
    private const int BytesAtFirst = 64 * 1024;

    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 32 };

    private readonly JsonDocument? _document;

    private RestBody(JsonDocument? document, ReadOnlyMemory<byte> binary) => (_document, Binary) = (document, binary);

    /// <summary>The JSON object; undefined for an empty body.</summary>
    public JsonElement Root => _document?.RootElement ?? default;

    public ReadOnlyMemory<byte> Binary { get; }

    /// <exception cref="ServingException">Not a body of this protocol.</exception>
    public static async Task<RestBody> ReadAsync(HttpContext context)
    {
        var bytes = await ReadBytesAsync(context).ConfigureAwait(false);
        var length = bytes.Length;
        if (context.Request.Headers.TryGetValue(HeaderLength, out var header)
            && (!int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length > bytes.Length))
            throw ServingException.Invalid(
                $"{HeaderLength}: '{ServingException.Short(header.ToString())}'; the body has {bytes.Length} bytes");
        if (bytes.Length == 0)
            return new RestBody(null, default);
        try
        {
            var document = JsonDocument.Parse(bytes.AsMemory(0, length), s_json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new RestBody(document, bytes.AsMemory(length));
            document.Dispose();
            throw ServingException.Invalid("the body must be a JSON object");
        }
        catch (JsonException fault)
        {
            throw ServingException.Invalid($"the body is not JSON: {fault.Message}");
        }
    }

    public void Dispose() => _document?.Dispose();

    private static async Task<byte[]> ReadBytesAsync(HttpContext context)
    {
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        await using var body = encoding switch
        {
            "" or "identity" => context.Request.Body,
            "gzip" => new GZipStream(context.Request.Body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(context.Request.Body, CompressionMode.Decompress),
            _ => throw ServingException.Invalid(
                $"Content-Encoding: '{ServingException.Short(encoding)}'; use gzip, deflate or none"),
        };
        // What a length claims has not come yet.
        using var bytes = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, BytesAtFirst));
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
            {
                // A compressed body says nothing of how much will come out of it.
                if (bytes.Length + read > BytesMax)
                    throw new BadHttpRequestException(
                        $"the body has more than {BytesMax} bytes", StatusCodes.Status413PayloadTooLarge);
                bytes.Write(buffer, 0, read);
            }
        }
        catch (InvalidDataException fault)
        {
            throw ServingException.Invalid($"the body is not {encoding}: {fault.Message}");
        }

        return bytes.ToArray();
    }
}
