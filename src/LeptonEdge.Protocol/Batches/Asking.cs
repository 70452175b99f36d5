namespace LeptonEdge.Protocol.Batches;

/// <summary>What a batch may ask its reader for by its size alone: so many bytes free, and so many for each byte of
/// input. A writer pads what is denser, a reader refuses it before it takes the memory.</summary>
internal static class Asking
{
    public const int Reading = sizeof(long) + sizeof(double);
    public const int Sample = sizeof(float);

    /// <summary>A verdict, an alarm, a raw window, a gap, the head of a series: an object and its references.</summary>
    public const int Record = 512;

    public const int Text = 64;

    private const long Free = 256 * 1024;
    private const long PerByte = 256;

    // Writers of version 1 did not pad: their densest honest batch is 1,048,576 equal samples.
    private const long FreeOfVersion1 = 8 * 1024 * 1024;

    public static long Most(long inputBytes, bool version1) =>
        (version1 ? FreeOfVersion1 : Free) + (PerByte * inputBytes);

    /// <summary>How many bytes of input ask for so much.</summary>
    public static long Least(long asked) => Math.Max(0, (asked - Free + PerByte - 1) / PerByte);
}
