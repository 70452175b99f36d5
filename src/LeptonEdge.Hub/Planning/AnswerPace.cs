using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Hub.Planning;

/// <summary>How many windows a device answered lately, and how many of them late: rates in which what is older counts for
/// less.</summary>
public readonly record struct AnswerPace(double AnswersPerSecond, double LatePerSecond)
{
    private const double MemorySeconds = 60;
    private const double LongestSeconds = 600;

    /// <param name="before">The report before, of the same run of the agent.</param>
    /// <param name="seconds">Between the two.</param>
    public AnswerPace Next(ReportedState before, ReportedState after, double seconds)
    {
        if (seconds is not (> 0 and <= LongestSeconds))
            return this;
        var kept = Math.Exp(-seconds / MemorySeconds);
        var (answers, late) = (Count(after, Answers) - Count(before, Answers), Count(after, Late) - Count(before, Late));
        // Counts that went back are another workload's, or a lie.
        return answers < 0 || late < 0
            ? this
            : new AnswerPace(
                (AnswersPerSecond * kept) + (answers / seconds * (1 - kept)),
                (LatePerSecond * kept) + (Math.Min(late, answers) / seconds * (1 - kept)));
    }

    private static double Answers(ReportedWorkload workload) =>
        (double)workload.InferencesLocal + workload.InferencesHub + workload.InferencesPeer;

    private static double Late(ReportedWorkload workload) => workload.Late;

    private static double Count(ReportedState state, Func<ReportedWorkload, double> of)
    {
        var sum = 0.0;
        foreach (var workload in state.Workloads)
            sum += of(workload);
        return sum;
    }
}
