namespace LeptonEdge.Inference.Quantizing;

/// <summary>A layer's weights as int8, symmetric, one scale for each output channel; its bias as int32.</summary>
internal sealed record WeightQuantizer(sbyte[] Weights, float[] Scales, int[]? Bias, float[] BiasScales)
{
    private static readonly float[] Shrinks = [1, 0.97f, 0.94f, 0.91f, 0.88f, 0.85f, 0.82f];

    /// <summary>Quantizes one layer.</summary>
    /// <param name="weights">Row-major.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="channelFirst">Whether the channel is the first axis (Conv) or the last (Gemm, MatMul).</param>
    /// <param name="bias">One for each channel, or none.</param>
    /// <param name="inputScale">Scale of what the layer reads.</param>
    /// <param name="limit">Largest integer weight.</param>
    public static WeightQuantizer Quantize(
        float[] weights, int channels, bool channelFirst, float[]? bias, float inputScale, int limit)
    {
        var inner = weights.Length / channels;
        var whole = new sbyte[weights.Length];
        var (scales, biasScales) = (new float[channels], new float[channels]);
        var row = new float[inner];
        for (var channel = 0; channel < channels; channel++)
        {
            for (var i = 0; i < inner; i++)
                row[i] = weights[At(channel, i)];

            // A bias must fit 32 bits at the product of both scales, however small the weights are.
            var least = bias is null ? 0 : Math.Abs(bias[channel]) / inputScale / (1 << 30);
            var scale = Math.Max(Best(row, limit), Math.Max(least, 1e-12f));
            scales[channel] = scale;
            biasScales[channel] = scale * inputScale;
            for (var i = 0; i < inner; i++)
                whole[At(channel, i)] = (sbyte)Math.Clamp(MathF.Round(row[i] / scale), -limit, limit);
        }

        var wholeBias = bias?.Select((value, channel) => (int)Math.Clamp(
            Math.Round(value / (double)biasScales[channel]), -int.MaxValue, int.MaxValue)).ToArray();
        return new WeightQuantizer(whole, scales, wholeBias, biasScales);

        int At(int channel, int i) => channelFirst ? (channel * inner) + i : (i * channels) + channel;
    }

    /// <summary>The scale of least squared error: cutting the largest weight a little may serve all others.</summary>
    private static float Best(ReadOnlySpan<float> row, int limit)
    {
        var top = 0f;
        foreach (var value in row)
            top = Math.Max(top, Math.Abs(value));
        if (top == 0)
            return 1e-8f;
        var (best, least) = (top / limit, double.MaxValue);
        foreach (var shrink in Shrinks)
        {
            var scale = top * shrink / limit;
            var error = 0d;
            foreach (var value in row)
            {
                var difference = (Math.Clamp(MathF.Round(value / scale), -limit, limit) * scale) - value;
                error += (double)difference * difference;
            }

            if (error < least)
                (best, least) = (scale, error);
        }

        return best;
    }
}
