namespace LeptonEdge.Core.Plans;

/// <summary>When the small model of a cascade is unsure of a window, so that the large one is asked.</summary>
public sealed record CascadeRule
{
    /// <summary>Unsure when the most probable class has less than this probability, 0 to 1; null where the model gives
    /// no probabilities.</summary>
    public double? UnsureBelow { get; init; }

    /// <summary>Unsure when the score lies from <see cref="ScoreFrom"/> to <see cref="ScoreTo"/>; both null for no
    /// band.</summary>
    public double? ScoreFrom { get; init; }

    public double? ScoreTo { get; init; }

    public static CascadeRule Default { get; } = new() { UnsureBelow = 0.9 };

    /// <param name="score">The small model's score.</param>
    /// <param name="confidence">Probability of its most probable class; NaN when it gives none.</param>
    /// <returns>True as well for a score that is no number: what the small model cannot say, the large one
    /// may.</returns>
    public bool IsUnsure(double score, double confidence) =>
        double.IsNaN(score) || confidence < UnsureBelow || (score >= ScoreFrom && score <= ScoreTo);
}
