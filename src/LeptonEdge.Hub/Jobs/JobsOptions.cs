using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>The limits of long jobs.</summary>
public sealed record JobsOptions
{
    /// <summary>Jobs that may wait or run; one more is refused.</summary>
    public int OpenMax { get; init; } = 64;

    /// <summary>Jobs that have ended and are kept; the oldest go.</summary>
    public int KeptMax { get; init; } = 200;

    /// <summary>Results and inputs of all jobs, bytes; the oldest results go.</summary>
    public long BytesMax { get; init; } = 1L << 30;

    /// <summary>Result of one job, bytes; a job that has more to say fails.</summary>
    public long ResultBytesMax { get; init; } = 256L << 20;

    /// <summary>A part of a result, bytes: it must fit into a message.</summary>
    public int PartBytesMax { get; init; } = 3 << 20;

    /// <summary>Watching callers at once.</summary>
    public int WatchersMax { get; init; } = 64;

    /// <summary>Windows or rows that one run of a model takes.</summary>
    public int RowsAtOnce { get; init; } = 8;

    /// <summary>Windows in one part of a result: some 13 bytes each.</summary>
    public int WindowsInPart { get; init; } = 16_384;

    /// <summary>How often a job stores what it has: so much is done again after a kill. Storing is work of the hub
    /// itself, so it is done seldom.</summary>
    public TimeSpan CommitEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an input is kept that no job names.</summary>
    public TimeSpan InputsKeptFor { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Memory of the process that runs jobs, bytes: its model, and as much again.</summary>
    public long WorkerBytesMax { get; init; } = 2L << 30;

    /// <summary>How long a stretch may take of the process's own share of the time before it is taken for stuck. It runs
    /// only when nothing else wants the core, so that this is much longer than the work.</summary>
    public TimeSpan StretchMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long after a call to a model jobs stay still, 0 to 60 s: longer than the time between two windows of
    /// one device. They are still while calls are under way in any case.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Share of the time that jobs work however many calls come, 0.001 to 1: so they end. So many of the calls
    /// meet a job; with 1, jobs never hold still.</summary>
    public double ShareMin { get; init; } = 0.005;

    internal JobLimits Limits => new(OpenMax, KeptMax, BytesMax);
}
