using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Protocol.Rpc;

namespace LeptonEdge.Agent.Offload;

/// <summary>When a server that refused wants to be asked again: <c>google.rpc.RetryInfo</c> among the status details, or
/// gRPC's own <c>grpc-retry-pushback-ms</c>.</summary>
public static class RetryHint
{
    private const string DetailsTrailer = "grpc-status-details-bin";
    private const string PushbackTrailer = "grpc-retry-pushback-ms";
    private const string RetryInfoName = "google.rpc.RetryInfo";

    /// <returns>Null when the server says nothing about it, or nothing that can be read.</returns>
    public static TimeSpan? Read(Metadata trailers)
    {
        foreach (var entry in trailers)
        {
            if (entry.Key == DetailsTrailer && entry.IsBinary && FromDetails(entry.ValueBytes) is { } delay)
                return delay;
        }

        foreach (var entry in trailers)
        {
            if (entry.Key == PushbackTrailer && !entry.IsBinary
                && int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var millis))
                return TimeSpan.FromMilliseconds(millis);
        }

        return null;
    }

    private static TimeSpan? FromDetails(byte[] bytes)
    {
        try
        {
            foreach (var detail in Protocol.Rpc.Status.Parser.ParseFrom(bytes).Details)
            {
                if (!detail.TypeUrl.EndsWith('/' + RetryInfoName, StringComparison.Ordinal))
                    continue;
                var delay = RetryInfo.Parser.ParseFrom(detail.Value).RetryDelay;
                if (delay is { Seconds: >= 0 and < 86_400, Nanos: >= 0 and < 1_000_000_000 })
                    return TimeSpan.FromSeconds(delay.Seconds) + TimeSpan.FromMicroseconds(delay.Nanos / 1_000);
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Another server's details: no hint.
        }

        return null;
    }
}
