using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving.Scheduling;

namespace LeptonEdge.Hub.Jobs;

/// <summary>What a job does: stretch after stretch, each a pure function of the checkpoint before it, so that a job
/// which was interrupted gives the same result as one that was not.</summary>
internal interface IJobWork
{
    /// <summary>Goes on from a checkpoint.</summary>
    /// <param name="hasTime">Whether the stretch may grow longer.</param>
    /// <exception cref="JobException">The job cannot go on.</exception>
    JobStep Advance(JobCheckpoint from, BackgroundModel model, Func<bool> hasTime);
}

/// <summary>A stretch that is done.</summary>
/// <param name="Part">Null where it brought nothing.</param>
/// <param name="Items">Windows or rows in the part.</param>
/// <param name="Done">Readings or rows of the stretch.</param>
/// <param name="IsEnd">Nothing is left to do.</param>
internal sealed record JobStep(JobCheckpoint Next, JobResultPart? Part, int Items, long Done, bool IsEnd);

/// <summary>A job cannot go on; the message is its reason.</summary>
internal sealed class JobException(string message) : Exception(message);
