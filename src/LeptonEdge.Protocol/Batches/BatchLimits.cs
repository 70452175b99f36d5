namespace LeptonEdge.Protocol.Batches;

/// <summary>How much a batch may ask the reader for. What claims more is refused before memory is taken.</summary>
public sealed record BatchLimits
{
    public static BatchLimits Default { get; } = new();

    /// <summary>Size once decompressed, bytes.</summary>
    public int BytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Records of all kinds together.</summary>
    public int RecordsMax { get; init; } = 1024 * 1024;

    /// <summary>Samples of all raw windows together.</summary>
    public int SamplesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>One text (an alarm's message, a label), bytes of UTF-8.</summary>
    public int TextBytesMax { get; init; } = 16 * 1024;
}

/// <summary>The bytes are not a batch, or claim more than the limits allow. The message names the place.</summary>
public sealed class BatchFormatException(string message) : FormatException(message);
