namespace LeptonEdge.Serving.Models;

/// <summary>Counts and times of one model since it was loaded, in the terms of the statistics extension. Any
/// thread.</summary>
public sealed class RunCounters
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, BatchCount> _batches = [];
    private RunCounts _counts;

    /// <summary>One consistent look.</summary>
    public (RunCounts Counts, IReadOnlyList<(int Rows, BatchCount Count)> Batches) Read()
    {
        lock (_gate)
            return (_counts, [.. _batches.Select(pair => (pair.Key, pair.Value))]);
    }

    /// <param name="rows">Rows of the run; 1 for a model without rows.</param>
    public void CountRun(int rows, TimeSpan input, TimeSpan infer, TimeSpan output)
    {
        lock (_gate)
        {
            _counts.Executions++;
            _counts.Input += input;
            _counts.Infer += infer;
            _counts.Output += output;
            var batch = _batches.GetValueOrDefault(rows);
            _batches[rows] = new BatchCount(
                batch.Count + 1, batch.Input + input, batch.Infer + infer, batch.Output + output);
        }
    }

    public void CountSuccess(int rows, TimeSpan queued, TimeSpan whole, long nowMillis)
    {
        lock (_gate)
        {
            _counts.Successes++;
            _counts.Rows += rows;
            _counts.Queued += queued;
            _counts.Success += whole;
            _counts.LastMillis = nowMillis;
        }
    }

    public void CountFailure(TimeSpan whole, long nowMillis)
    {
        lock (_gate)
        {
            _counts.Failures++;
            _counts.Failure += whole;
            _counts.LastMillis = nowMillis;
        }
    }
}

/// <summary>What <see cref="RunCounters"/> count.</summary>
public struct RunCounts
{
    public long Successes;
    public long Failures;
    public long Rows;
    public long Executions;
    public TimeSpan Success;
    public TimeSpan Failure;
    public TimeSpan Queued;
    public TimeSpan Input;
    public TimeSpan Infer;
    public TimeSpan Output;

    /// <summary>Milliseconds since 1970; 0 before the first request.</summary>
    public long LastMillis;
}

/// <summary>Runs of one number of rows.</summary>
public readonly record struct BatchCount(long Count, TimeSpan Input, TimeSpan Infer, TimeSpan Output);
