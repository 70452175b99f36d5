using System.Diagnostics;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The first layers of a split model, run on the lane; allocates nothing.</summary>
public sealed class FirstStage : IDisposable
{
    private readonly StageSession _session;
    private readonly int _threads;

    /// <exception cref="ModelBundleException">The bundle is not a first stage, or cannot be loaded or run.</exception>
    public FirstStage(ModelBundle bundle, LaneSettings lane)
    {
        _session = StageSession.Open(bundle, new ModelSessionOptions
        {
            // Both ends must agree on what crosses.
            Variant = bundle.Manifest.Stage?.Variant ?? ModelVariant.Int8,
            Threads = lane.IntraOpThreads,
            ExecutionProviders = lane.ExecutionProviders,
        });
        _threads = _session.Provider == "CPU" ? lane.IntraOpThreads : 0;
    }

    /// <summary>Counts runs; null counts nothing.</summary>
    public WorkCounter? Meter { get; init; }

    /// <summary>With the input, output and score of the whole model.</summary>
    public ModelManifest Manifest => _session.Manifest;

    /// <summary>The other half, which the hub runs.</summary>
    public ModelReference Second => _session.Second;

    /// <summary>Names, types and shapes of what crosses.</summary>
    public IReadOnlyList<Tensor> Crossing => _session.Outputs;

    /// <summary>Bytes of what crosses for one window.</summary>
    public int CrossingBytes => (int)_session.OutputBytes;

    /// <summary>On the lane's thread alone.</summary>
    /// <param name="features">The whole model's input, shape (N,).</param>
    /// <param name="crossing">Receives what crosses, one tensor after another.</param>
    public void Run(ReadOnlySpan<float> features, Span<byte> crossing)
    {
        features.CopyTo(_session.Input);
        var start = Stopwatch.GetTimestamp();
        _session.Run();
        Meter?.Ran(1, Stopwatch.GetElapsedTime(start), _threads);
        for (var i = 0; i < _session.Outputs.Count; i++)
        {
            var tensor = _session.Outputs[i].Data.Span;
            tensor.CopyTo(crossing);
            crossing = crossing[tensor.Length..];
        }
    }

    public void Dispose() => _session.Dispose();
}
