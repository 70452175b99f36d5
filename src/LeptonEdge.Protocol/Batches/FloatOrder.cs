namespace LeptonEdge.Protocol.Batches;

/// <summary>Maps the bits of a float so that neighbouring values are neighbouring integers.</summary>
internal static class FloatOrder
{
    /// <summary>Its own inverse.</summary>
    public static int Map(int bits) => bits ^ ((bits >> 31) & int.MaxValue);

    /// <summary>Its own inverse.</summary>
    public static long Map(long bits) => bits ^ ((bits >> 63) & long.MaxValue);
}
