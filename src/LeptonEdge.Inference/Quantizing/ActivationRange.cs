namespace LeptonEdge.Inference.Quantizing;

/// <summary>What uint8 stands for at one tensor.</summary>
/// <param name="Method">How the range was found.</param>
/// <param name="Low">Lowest value, 0 or less: zero must be exact, because padding and ReLU are made of it.</param>
/// <param name="High">Highest value, 0 or more.</param>
public readonly record struct ActivationRange(string Method, float Low, float High)
{
    public static ActivationRange Of(string method, float low, float high) =>
        new(method, Math.Min(low, 0), Math.Max(high, Math.Max(1e-6f, Math.Min(low, 0) * -1e-6f)));

    public float Scale => (High - Low) / 255;

    public byte Zero => (byte)Math.Clamp(Math.Round(-Low / Scale), 0, 255);

    /// <summary>Mean squared difference that quantizing these values makes.</summary>
    public double ErrorOn(ReadOnlySpan<float> values)
    {
        var (scale, inverse, zero, sum) = (Scale, 1 / Scale, (int)Zero, 0d);
        foreach (var value in values)
        {
            var whole = Math.Clamp(MathF.Round(value * inverse) + zero, 0, 255);
            var error = ((whole - zero) * scale) - value;
            sum += (double)error * error;
        }

        return values.Length == 0 ? 0 : sum / values.Length;
    }
}
