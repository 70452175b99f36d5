namespace LeptonEdge.Inference.Bundles;

/// <summary>Checks a manifest's score against its task, classes and shapes.</summary>
internal sealed class ScoreReader(
    ScoreDocument? score, ModelTask task, IReadOnlyList<string> classes, ModelTensor? input, ModelTensor? output,
    Action<string, string> fault)
{
    public ScoreRule? Read()
    {
        var kind = score?.Kind ?? (task == ModelTask.Classification ? ScoreKinds.SoftmaxFault : null);
        var threshold = score?.Threshold ?? (task == ModelTask.Classification ? 0.5f : float.NaN);
        if (!float.IsFinite(threshold))
            fault("score.threshold", "is missing; state the score above which a window is abnormal");
        var index = kind switch
        {
            ScoreKinds.SoftmaxFault or ScoreKinds.ProbabilityFault => NormalClass(),
            ScoreKinds.ReconstructionError => Reconstruction(),
            ScoreKinds.Mahalanobis => 0,
            ScoreKinds.Output => Index(),
            _ => Unknown(kind),
        };
        return index is null ? null : new ScoreRule(kind!, threshold, index.Value, classes);
    }

    private int? NormalClass()
    {
        var name = score?.NormalClass ?? ScoreRule.Normal;
        for (var i = 0; i < classes.Count; i++)
        {
            if (classes[i] == name)
                return i;
        }

        fault("score.normal_class", $"is '{name}', which is not one of the classes");
        return null;
    }

    private int? Reconstruction()
    {
        if (input is null || output is null || input.Width == output.Width)
            return 0;
        fault("score.kind", $"is '{ScoreKinds.ReconstructionError}', but the input has {input.Width} values and the "
            + $"output {output.Width}");
        return null;
    }

    private int? Index()
    {
        var index = score?.Index ?? 0;
        if (index >= 0 && (output is null || index < output.Width))
            return index;
        fault("score.index", $"is {index}, but the output has {output?.Width} values");
        return null;
    }

    private int? Unknown(string? kind)
    {
        fault("score.kind", $"is {(kind is null ? "missing" : $"'{kind}'")}; use {ScoreKinds.SoftmaxFault}, "
            + $"{ScoreKinds.ProbabilityFault}, {ScoreKinds.Mahalanobis}, {ScoreKinds.ReconstructionError} or "
            + $"{ScoreKinds.Output}");
        return null;
    }
}
