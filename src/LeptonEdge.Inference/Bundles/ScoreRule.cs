namespace LeptonEdge.Inference.Bundles;

/// <summary>How an output becomes a score, by the name that a manifest gives it.</summary>
public static class ScoreKinds
{
    /// <summary>Outputs are logits: 1 − softmax probability of the normal class. Field: normal_class.</summary>
    public const string SoftmaxFault = "softmax_fault";

    /// <summary>Outputs are probabilities: 1 − that of the normal class. Field: normal_class.</summary>
    public const string ProbabilityFault = "probability_fault";

    /// <summary>Outputs are whitened: their root mean square, near 1 for normal. No field.</summary>
    public const string Mahalanobis = "mahalanobis";

    /// <summary>Outputs imitate the inputs: root mean square of the difference. No field.</summary>
    public const string ReconstructionError = "reconstruction_error";

    /// <summary>One output is the score itself. Field: index, 0 unless given.</summary>
    public const string Output = "output";
}

/// <summary>What a model found in one window.</summary>
/// <param name="Label">A class, or "normal" or "anomaly"; "unknown" where the output is not finite.</param>
/// <param name="Score">As the manifest's score defines it; NaN where the output is not finite.</param>
public readonly record struct Finding(string Label, float Score);

/// <summary>Turns a model's input and output into a label and a score. Allocates nothing.</summary>
public sealed class ScoreRule
{
    /// <summary>Label of a window that an anomaly model finds normal.</summary>
    public const string Normal = "normal";

    /// <summary>Label of a window that an anomaly model finds abnormal.</summary>
    public const string Anomaly = "anomaly";

    /// <summary>Label where the model's output is not finite.</summary>
    public const string Unknown = "unknown";

    private readonly IReadOnlyList<string> _classes;
    private readonly int _index;

    internal ScoreRule(string kind, float threshold, int index, IReadOnlyList<string> classes)
    {
        Kind = kind;
        Threshold = threshold;
        _index = index;
        _classes = classes;
    }

    /// <summary>One of <see cref="ScoreKinds"/>.</summary>
    public string Kind { get; }

    /// <summary>Above it, a window is abnormal.</summary>
    public float Threshold { get; }

    /// <summary>The finding of one window.</summary>
    /// <param name="input">The model's input, shape (N,).</param>
    /// <param name="output">The model's output for it, shape (K,).</param>
    public Finding Evaluate(ReadOnlySpan<float> input, ReadOnlySpan<float> output)
    {
        var score = Kind switch
        {
            ScoreKinds.SoftmaxFault => 1 - Softmax(output, _index),
            ScoreKinds.ProbabilityFault => 1 - output[_index],
            ScoreKinds.Mahalanobis => RootMeanSquare(output),
            ScoreKinds.ReconstructionError => RootMeanSquareOfDifference(input, output),
            _ => output[_index],
        };
        if (!float.IsFinite(score) || FiniteValues.FirstNonFinite(output) >= 0)
            return new Finding(Unknown, float.NaN);
        return new Finding(_classes.Count > 0 ? _classes[Highest(output)] : Label(score), score);
    }

    /// <summary>True when outputs say how probable each class is.</summary>
    public bool GivesConfidence => Kind is ScoreKinds.SoftmaxFault or ScoreKinds.ProbabilityFault;

    /// <summary>Probability of the most probable class, 0 to 1; NaN where outputs are no classes.</summary>
    /// <param name="output">The model's output, shape (K,).</param>
    public float Confidence(ReadOnlySpan<float> output) => Kind switch
    {
        ScoreKinds.SoftmaxFault => Softmax(output, Highest(output)),
        ScoreKinds.ProbabilityFault => output[Highest(output)],
        _ => float.NaN,
    };

    private string Label(float score) => score > Threshold ? Anomaly : Normal;

    /// <summary>Index of the highest value; the first of equals.</summary>
    internal static int Highest(ReadOnlySpan<float> values)
    {
        var highest = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[highest])
                highest = i;
        }

        return highest;
    }

    private static float Softmax(ReadOnlySpan<float> logits, int index)
    {
        // Shifted by the highest, so that no exponential overflows.
        var highest = logits[Highest(logits)];
        var sum = 0d;
        foreach (var logit in logits)
            sum += Math.Exp(logit - highest);
        return (float)(Math.Exp(logits[index] - highest) / sum);
    }

    private static float RootMeanSquare(ReadOnlySpan<float> values)
    {
        var sum = 0d;
        foreach (var value in values)
            sum += (double)value * value;
        return (float)Math.Sqrt(sum / values.Length);
    }

    private static float RootMeanSquareOfDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0d;
        for (var i = 0; i < b.Length; i++)
            sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        return (float)Math.Sqrt(sum / b.Length);
    }
}
