using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Benchmarks.Deadline;

/// <summary>What became of the windows of one run, for each workload.</summary>
internal sealed class DeadlineRun(IReadOnlyList<WorkloadRunner> workloads, DeadlineLoad load)
{
    private readonly Dictionary<WorkloadRunner, Tally> _tallies =
        workloads.ToDictionary(workload => workload, _ => new Tally());

    public Tally this[WorkloadRunner workload] => _tallies[workload];

    public void Given(WorkloadRunner workload, long number)
    {
        lock (_tallies)
            _tallies[workload].Open.Add(number);
    }

    /// <exception cref="BenchmarkException">The window had a verdict already.</exception>
    public void Take(in PipelineItem item)
    {
        var (tally, number) = (_tallies[item.Workload!], item.TimeMicros);
        lock (_tallies)
        {
            if (!tally.Open.Remove(number))
                throw new BenchmarkException($"{item.Workload!.Id}: window {number} has two verdicts");
        }

        tally.Micros.Add(item.LatencyMicros);
        if (!item.Late)
            tally.InTime++;
        if (item.Place == Place.Hub)
            tally.ByHub++;
        if (!load.IsUnsure(number))
            tally.SureMicros.Add(item.LatencyMicros);
        else if (item.Place == Place.Hub)
            tally.UnsureByHub++;
    }

    /// <summary>Of one workload.</summary>
    internal sealed class Tally
    {
        /// <summary>Windows without a verdict so far; at the end, those that never had one.</summary>
        public HashSet<long> Open { get; } = [];

        /// <summary>From the complete window to its verdict.</summary>
        public List<long> Micros { get; } = [];

        /// <summary>Of the windows that the small model is sure of.</summary>
        public List<long> SureMicros { get; } = [];

        public int InTime { get; set; }

        public int ByHub { get; set; }

        public int UnsureByHub { get; set; }

        public int Windows => Micros.Count + Open.Count;

        public int Unsure => Micros.Count - SureMicros.Count;
    }
}
