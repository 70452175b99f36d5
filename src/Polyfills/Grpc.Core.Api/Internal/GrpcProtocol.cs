using System.Buffers;
using System.Globalization;
using System.Text;

namespace Grpc.Core.Internal;

/// <summary>What travels in HTTP/2 headers: names, timeouts, percent-encoded messages, binary values.</summary>
/// <remarks>https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md</remarks>
internal static class GrpcProtocol
{
    public const string ContentType = "application/grpc";
    public const string StatusTrailer = "grpc-status";
    public const string MessageTrailer = "grpc-message";
    public const string EncodingHeader = "grpc-encoding";
    public const string AcceptEncodingHeader = "grpc-accept-encoding";
    public const string TimeoutHeader = "grpc-timeout";
    public const string AcceptedEncodings = "identity,gzip";

    private const long TimeoutNumberMax = 99_999_999;

    // Printable ASCII but '%' travels as it is.
    private static readonly SearchValues<char> Unescaped = SearchValues.Create(
        Enumerable.Range(' ', '~' - ' ' + 1).Where(code => code != '%').Select(code => (char)code).ToArray());

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        StatusTrailer, MessageTrailer, EncodingHeader, AcceptEncodingHeader, TimeoutHeader,
        "content-type", "content-length", "te", "host", "accept-encoding",
        Metadata.CompressionRequestAlgorithmMetadataKey,
    };

    /// <summary>True of header names that belong to the protocol, not to the caller.</summary>
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || Reserved.Contains(name);

    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is ';' or '+' or ' ');

    /// <summary>At most 8 digits and a unit, rounded up, so that a call never gives up before its deadline.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        var micros = (timeout.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond;
        ReadOnlySpan<(long Micros, char Unit)> units =
            [(1, 'u'), (1_000, 'm'), (1_000_000, 'S'), (60_000_000, 'M'), (3_600_000_000, 'H')];
        foreach (var (size, unit) in units)
        {
            var number = (micros + size - 1) / size;
            if (number <= TimeoutNumberMax)
                return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, number)}{unit}");
        }
        return "99999999H";
    }

    /// <summary>Reads a <c>grpc-timeout</c>; false if it is not one.</summary>
    public static bool TryParseTimeout(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9
            || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }
        var ticks = text[^1] switch
        {
            'n' => (number + 99) / 100,
            'u' => number * TimeSpan.TicksPerMicrosecond,
            'm' => number * TimeSpan.TicksPerMillisecond,
            'S' => number * TimeSpan.TicksPerSecond,
            'M' => number * TimeSpan.TicksPerMinute,
            'H' => number * TimeSpan.TicksPerHour,
            _ => -1,
        };
        timeout = TimeSpan.FromTicks(Math.Max(0, ticks));
        return ticks >= 0;
    }

    public static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExcept(Unescaped))
            return message;
        var text = new StringBuilder();
        foreach (var code in Encoding.UTF8.GetBytes(message))
        {
            if (code is >= 0x20 and <= 0x7E and not (byte)'%')
                text.Append((char)code);
            else
                text.Append(CultureInfo.InvariantCulture, $"%{code:X2}");
        }
        return text.ToString();
    }

    /// <summary>Leaves what is not a valid escape as it stands, as the protocol asks.</summary>
    public static string DecodeMessage(string message) =>
        message.Contains('%') ? Uri.UnescapeDataString(message) : message;

    /// <summary>An entry's value as a header's text.</summary>
    public static string EncodeValue(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.RawBytes).TrimEnd('=') : entry.Value;

    /// <summary>Adds a received header; binary values that a proxy joined with commas become several entries.</summary>
    /// <exception cref="RpcException">Internal: a <c>-bin</c> value is not base64.</exception>
    public static void AddReceived(Metadata metadata, string name, string value)
    {
        if (IsReserved(name) || !Metadata.Entry.IsValidKey(name))
            return;
        if (!Metadata.Entry.HasBinarySuffix(name))
        {
            metadata.Add(name, value);
            return;
        }
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            try
            {
                var bare = part.TrimEnd('=');
                metadata.Add(name, Convert.FromBase64String(bare.PadRight((bare.Length + 3) / 4 * 4, '=')));
            }
            catch (FormatException error)
            {
                throw new RpcException(new Status(
                    StatusCode.Internal, $"The value of the binary header '{name}' is not base64.", error));
            }
        }
    }

    /// <summary>The status that <c>grpc-status</c> and <c>grpc-message</c> state; null without the first.</summary>
    public static Status? ParseStatus(string? code, string? message)
    {
        if (code is null)
            return null;
        var known = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Enum.IsDefined((StatusCode)number);
        var detail = message is null ? "" : DecodeMessage(message);
        return known
            ? new Status((StatusCode)number, detail)
            : new Status(StatusCode.Unknown, $"grpc-status '{code}': {detail}");
    }
}
