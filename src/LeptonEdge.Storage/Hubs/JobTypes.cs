using LeptonEdge.Core.Identity;

namespace LeptonEdge.Storage.Hubs;

/// <summary>Where a job stands; the values are kept in the store.</summary>
public enum JobState
{
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,

    /// <summary>The deadline passed.</summary>
    Expired,
}

/// <summary>A job to be kept.</summary>
/// <param name="Key">Names it for who submits it twice; null for none.</param>
/// <param name="Digest">Of the work, to tell whether the same key means the same work.</param>
/// <param name="DeadlineMicros">Hub time; 0 for none.</param>
/// <param name="Content">What it runs; never changed.</param>
/// <param name="Checkpoint">Where it begins.</param>
/// <param name="Total">About how much there is to do.</param>
/// <param name="Input">The input it reads; 0 for none.</param>
public sealed record NewJob(
    TenantId Tenant, string Kind, string? Key, byte[] Digest, int Priority, long DeadlineMicros, byte[] Content,
    byte[] Checkpoint, long Total, long Input = 0);

/// <summary>A job as it is kept. Times are hub times, 0 until then.</summary>
/// <param name="Reason">Why it ended as it did; empty where nothing is to be said.</param>
public sealed record StoredJob(
    long Id, string Kind, JobState State, int Priority, long SubmittedMicros, long StartedMicros, long EndedMicros,
    long DeadlineMicros, byte[] Content, byte[] Checkpoint, long Done, long Total, int Parts, long Items,
    long ResultBytes, string Reason)
{
    public bool HasEnded => State > JobState.Running;
}

/// <summary>What became of a job that was to be added.</summary>
public abstract record JobAdded
{
    public sealed record Added(StoredJob Job) : JobAdded;

    /// <summary>The key names a job with the same work.</summary>
    public sealed record There(StoredJob Job) : JobAdded;

    /// <summary>The key names a job with other work.</summary>
    public sealed record OtherWork(long Id) : JobAdded;

    /// <summary>As many jobs as may wait or run do.</summary>
    public sealed record Full : JobAdded;

    /// <summary>The input that it names is not there.</summary>
    public sealed record NoInput : JobAdded;
}

/// <summary>A stretch of a job that is done.</summary>
/// <param name="Data">A part of the result; null where it brought none.</param>
/// <param name="Items">Windows or rows in the part.</param>
public sealed record JobStretch(byte[]? Data, int Items, byte[] Checkpoint, long Done, long Total);

/// <summary>A part of a job's result.</summary>
/// <param name="FirstItem">Windows or rows in the parts before.</param>
public sealed record StoredJobPart(int Part, long FirstItem, int Items, byte[] Data);

/// <summary>Rows that were sent for a job.</summary>
public sealed record StoredJobInput(long Id, int Blocks, long Rows, long Bytes);

/// <summary>How much of jobs is kept.</summary>
/// <param name="OpenMax">Jobs that wait or run.</param>
/// <param name="KeptMax">Jobs that have ended; the oldest go.</param>
/// <param name="BytesMax">Results and inputs of all; the oldest results go.</param>
public sealed record JobLimits(int OpenMax, int KeptMax, long BytesMax);
