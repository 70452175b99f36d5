using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Splitting;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Shares the kernels' times out among steps, and joins steps that the runtime fused further.</summary>
/// <param name="flow">The model.</param>
/// <param name="stepOf">Step of each node; steps that turn out to be fused are joined in it.</param>
/// <param name="full">The graph that the runtime runs.</param>
internal sealed class KernelTimes(DataFlow flow, int[] stepOf, ModelGraph full)
{
    private readonly Dictionary<int, int> _places = Enumerable.Range(0, flow.Count)
        .ToDictionary(at => flow.Graph.Order[at].Index);

    /// <param name="seconds">Of each kernel, by name.</param>
    /// <returns>Seconds of each step that is left; the others are joined to one before.</returns>
    public Dictionary<int, double> Share(IReadOnlyDictionary<string, double> seconds)
    {
        var known = full.Order.ToDictionary(node => node.Index, StepOf);
        foreach (var node in full.Order.Reverse().Where(node => known[node.Index] < 0))
            known[node.Index] = Neighbour(node, known);
        foreach (var node in full.Order.Where(node => known[node.Index] < 0))
            known[node.Index] = Neighbour(node, known);
        var times = stepOf.Where(step => step >= 0).Distinct().ToDictionary(step => step, _ => 0d);
        var counted = new HashSet<string>();
        foreach (var node in full.Order.Where(node => known[node.Index] >= 0))
        {
            if (counted.Add(node.Name) && seconds.TryGetValue(node.Name, out var time))
                times[known[node.Index]] += time;
        }

        Join(times, known.Values.ToHashSet());
        return times;
    }

    /// <summary>A step that no kernel stands for is computed by the kernel of the step before it.</summary>
    private void Join(Dictionary<int, double> times, HashSet<int> standing)
    {
        foreach (var step in times.Keys.Order().Where(step => !standing.Contains(step)).ToArray())
        {
            // The latest of those that it reads from: all others run before that one, so that no circle comes about.
            var before = Enumerable.Range(0, flow.Count).Where(at => stepOf[at] == step).SelectMany(flow.Reads)
                .Select(Seen).Where(maker => maker >= 0 && maker != step).DefaultIfEmpty(-1).Max();
            if (before < 0)
                continue;
            for (var at = 0; at < stepOf.Length; at++)
                stepOf[at] = stepOf[at] == step ? before : stepOf[at];
            times.Remove(step);
        }
    }

    /// <summary>Step that makes a tensor, seen through what only dequantizes.</summary>
    private int Seen(string tensor)
    {
        while (flow.Maker(tensor) is >= 0 and var maker)
        {
            if (!StepFinder.IsTransparent(flow, maker, stepOf))
                return stepOf[maker];
            tensor = flow.Graph.Order[maker].Inputs[0];
        }

        return -1;
    }

    private int StepOf(GraphNode node)
    {
        if (NodeTags.Place(node.Name) is >= 0 and var place && stepOf[_places[place]] is >= 0 and var tagged)
            return tagged;
        foreach (var output in node.Outputs)
        {
            if (flow.Maker(output) is >= 0 and var maker && stepOf[maker] is >= 0 and var step)
                return step;
        }

        // A kernel over blocked channels is called after the tensor that it makes in plain form.
        var end = node.Name.IndexOf("_nchwc", StringComparison.Ordinal);
        return end > 0 && flow.Maker(node.Name[..end]) is >= 0 and var blocked ? stepOf[blocked] : -1;
    }

    /// <summary>What only turns a layout belongs to who reads the turned tensor, or to who made it.</summary>
    private int Neighbour(GraphNode node, Dictionary<int, int> known)
    {
        foreach (var reader in node.Outputs.SelectMany(full.Consumers))
        {
            if (known[reader.Index] >= 0)
                return known[reader.Index];
        }

        foreach (var input in node.Inputs)
        {
            if (full.Producer(input) is { } maker && known[maker.Index] >= 0)
                return known[maker.Index];
        }

        return -1;
    }
}
