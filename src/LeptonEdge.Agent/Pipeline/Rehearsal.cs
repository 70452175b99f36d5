using LeptonEdge.Core.Signals;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Runs a workload's way from window to finding on noise, before the first real window: code that is compiled on
/// first use would otherwise make that window late by more than many deadlines.</summary>
internal sealed class Rehearsal(WorkloadRunner workload) : LaneWork
{
    // Enough for the runtime to take every method on the way for a hot one.
    private const int Rounds = 60;
    private const int Seed = 1;

    private readonly float[] _window = Noise(workload.Model.WindowSamples);
    private readonly float[] _features = new float[workload.Model.FeatureCount];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the lane has done its part, whatever came of it.</summary>
    public Task Done => _done.Task;

    /// <summary>The sensor thread's part; the features are then ready for the lane's.</summary>
    public void Prepare()
    {
        for (var round = 0; round < Rounds; round++)
        {
            workload.Model.Transform(_window, _features);
            _ = WindowStatistics.Compute(_window);
        }
    }

    public override void Run()
    {
        for (var round = 0; round < Rounds; round++)
            workload.Model.Infer(_features);
        _done.TrySetResult();
    }

    // What fails on noise may still work on a real window, and if not, that window reports it.
    public override void Failed(Exception fault) => _done.TrySetResult();

    private static float[] Noise(int count)
    {
        var random = new Random(Seed);
        var noise = new float[count];
        for (var i = 0; i < count; i++)
            noise[i] = (float)(random.NextDouble() - 0.5);
        return noise;
    }
}
