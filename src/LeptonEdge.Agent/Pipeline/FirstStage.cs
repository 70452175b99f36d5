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
    // The first ones pay for what every first run pays for.
    private const int WarmupRounds = 4;
    private const int ProofRounds = 32;
    private const int ProofSeed = 1;

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
        Prove();
    }

    /// <summary>How long the runs took, those on noise included by which it is proven when it is loaded: a plan can
    /// weigh it before it was ever tried.</summary>
    public LatencyHistogram Latency { get; } = new();

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
        var took = Stopwatch.GetElapsedTime(start);
        Latency.Record(took);
        Meter?.Ran(1, took, _threads);
        for (var i = 0; i < _session.Outputs.Count; i++)
        {
            var tensor = _session.Outputs[i].Data.Span;
            tensor.CopyTo(crossing);
            crossing = crossing[tensor.Length..];
        }
    }

    public void Dispose() => _session.Dispose();

    private void Prove()
    {
        var random = new Random(ProofSeed);
        for (var round = 0; round < WarmupRounds + ProofRounds; round++)
        {
            foreach (ref var value in _session.Input)
                value = (float)(random.NextDouble() - 0.5);
            var start = Stopwatch.GetTimestamp();
            _session.Run();
            if (round >= WarmupRounds)
                Latency.Record(Stopwatch.GetElapsedTime(start));
        }
    }
}
