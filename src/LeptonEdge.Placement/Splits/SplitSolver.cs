using LeptonEdge.Core.Profiles;

namespace LeptonEdge.Placement.Splits;

/// <summary>
/// Decides how a model is shared between device and hub so that one run takes least time, over every way to share it: a
/// minimum cut in a network whose capacities are the costs. Pure and deterministic.
/// </summary>
/// <remarks>
/// After Hu and others, "Dynamic Adaptive DNN Surgery" (INFOCOM 2019): a step on the device's side of the cut pays its
/// time there, on the other side its time in the hub. A tensor has a node of its own, so that it crosses once however
/// many steps of the hub read it. The round trip is paid once by everything but all-on-device, so that one comparison
/// after the cut settles it.
/// </remarks>
public static class SplitSolver
{
    /// <summary>Capacity of what no cut may go through.</summary>
    internal const long Forbidden = long.MaxValue / 4;

    /// <summary>The best share.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A condition is outside its limits.</exception>
    public static SplitDecision Decide(ModelProfile profile, SplitConditions conditions)
    {
        var costs = new SplitCosts(profile, conditions);
        var all = DeviceOnly(profile, costs);
        var cut = new SplitDecision(profile, MinimumCut(profile, costs), costs);
        return cut.Latency < all.Latency ? cut : all;
    }

    /// <summary>The best of all on the device, all in the hub, and every cut where a single tensor crosses.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A condition is outside its limits.</exception>
    /// <remarks>The choices of Kang and others, "Neurosurgeon" (ASPLOS 2017).</remarks>
    public static SplitDecision DecideChain(ModelProfile profile, SplitConditions conditions)
    {
        var costs = new SplitCosts(profile, conditions);
        var best = DeviceOnly(profile, costs);
        foreach (var before in profile.ChainCuts().Select(cut => cut.StepsBefore).Prepend(0))
        {
            var onDevice = new bool[profile.Steps.Count];
            Array.Fill(onDevice, true, 0, before);
            var decision = new SplitDecision(profile, onDevice, costs);
            if (decision.Latency < best.Latency)
                best = decision;
        }

        return best;
    }

    /// <summary>What a given share costs.</summary>
    /// <param name="profile">The model.</param>
    /// <param name="conditions">The conditions.</param>
    /// <param name="onDevice">For each step, whether the device runs it.</param>
    /// <exception cref="ArgumentException">A step of the device reads what the hub makes, or a cut goes through a
    /// tensor that cannot cross.</exception>
    public static SplitDecision Evaluate(ModelProfile profile, SplitConditions conditions, IReadOnlyList<bool> onDevice)
    {
        bool[] share = [.. onDevice];
        if (share.Length != profile.Steps.Count)
            throw new ArgumentException($"{share.Length} places for {profile.Steps.Count} steps", nameof(onDevice));
        for (var step = 0; step < share.Length; step++)
        {
            foreach (var read in profile.Steps[step].Reads)
            {
                var tensor = profile.Tensors[read];
                var isMadeOnDevice = tensor.Maker < 0 || share[tensor.Maker];
                if (share[step] && !isMadeOnDevice)
                    throw new ArgumentException($"'{tensor.Name}' would go back to the device", nameof(onDevice));
                if (!share[step] && isMadeOnDevice && !tensor.CanCross)
                    throw new ArgumentException($"'{tensor.Name}' cannot cross", nameof(onDevice));
            }
        }

        return new SplitDecision(profile, share, new SplitCosts(profile, conditions));
    }

    private static SplitDecision DeviceOnly(ModelProfile profile, SplitCosts costs)
    {
        var onDevice = new bool[profile.Steps.Count];
        Array.Fill(onDevice, true);
        return new SplitDecision(profile, onDevice, costs);
    }

    private static bool[] MinimumCut(ModelProfile profile, SplitCosts costs)
    {
        var steps = profile.Steps.Count;
        var (device, hub) = (steps + profile.Tensors.Count, steps + profile.Tensors.Count + 1);
        var network = new FlowNetwork(hub + 1);
        var inHub = (long[])costs.Hub.Clone();
        for (var at = 0; at < profile.Tensors.Count; at++)
        {
            // An output that the hub makes has its way back to pay.
            if (profile.Tensors[at] is { IsOutput: true, Maker: >= 0 and var maker })
                inHub[maker] += costs.Down[at];
        }

        for (var step = 0; step < steps; step++)
        {
            network.Add(device, step, inHub[step]);
            network.Add(step, hub, costs.Device[step]);
            foreach (var read in profile.Steps[step].Reads)
            {
                network.Add(steps + read, step, Forbidden);

                // Nothing goes back to the device: with a step, what it reads from is there too.
                if (profile.Tensors[read].Maker is >= 0 and var maker)
                    network.Add(step, maker, Forbidden);
            }
        }

        for (var at = 0; at < profile.Tensors.Count; at++)
        {
            var tensor = profile.Tensors[at];
            network.Add(
                tensor.Maker < 0 ? device : tensor.Maker, steps + at, tensor.CanCross ? costs.Up[at] : Forbidden);
        }

        return network.SourceSide(device, hub)[..steps];
    }
}
