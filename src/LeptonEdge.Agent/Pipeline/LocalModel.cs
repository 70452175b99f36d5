using System.Diagnostics;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>A workload's model on this device: its transforms, run on the sensor's thread, and its session, run on the
/// lane. Neither allocates.</summary>
public sealed class LocalModel : IDisposable
{
    private readonly ModelSession _session;
    private readonly TransformChain _transforms;
    private readonly int _threads;

    /// <exception cref="ModelBundleException">The model cannot be loaded or run.</exception>
    /// <exception cref="TransformException">The manifest's transforms do not fit.</exception>
    public LocalModel(ModelBundle bundle, LaneSettings lane)
    {
        _transforms = bundle.Manifest.CreateTransforms();
        _session = ModelSession.Open(bundle, new ModelSessionOptions
        {
            Threads = lane.IntraOpThreads,
            ExecutionProviders = lane.ExecutionProviders,
        });
        _threads = _session.Provider == "CPU" ? lane.IntraOpThreads : 0;
        FileBytes = bundle.Manifest.Files[_session.Variant].Bytes;
    }

    public ModelReference Reference => _session.Model;

    /// <summary>Values of the model's input.</summary>
    public int FeatureCount => _session.InputWidth;

    /// <summary>Values of the window that the transforms take.</summary>
    public int WindowSamples => _transforms.WindowSamples;

    /// <summary>Size of the model's file.</summary>
    public long FileBytes { get; }

    public string ExecutionProvider => _session.Provider;

    /// <summary>Counts the inferences and their time; null counts nothing.</summary>
    public WorkCounter? Meter { get; init; }

    /// <summary>A sentence for each wished execution provider that could not be used.</summary>
    public IReadOnlyList<string> ProvidersPassedOver => _session.ProvidersPassedOver;

    /// <summary>How long the runs took, waiting not included.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>From a window to the model's input; on the sensor's thread alone.</summary>
    public void Transform(ReadOnlySpan<float> window, Span<float> features) => _transforms.Apply(window, features);

    /// <summary>One inference; on the lane's thread alone.</summary>
    public Finding Infer(ReadOnlySpan<float> features)
    {
        features.CopyTo(_session.Input);
        var start = Stopwatch.GetTimestamp();
        _session.Run();
        var took = Stopwatch.GetElapsedTime(start);
        Latency.Record(took);
        Meter?.Ran(1, took, _threads);
        return _session.Evaluate();
    }

    /// <summary>How probable the last inference found its most probable class, 0 to 1; NaN for a model without
    /// classes. On the lane's thread alone.</summary>
    public double Confidence => _session.Manifest.Score.Confidence(_session.Output[.._session.OutputWidth]);

    /// <summary>The last inference once more, for a load drill; on the lane's thread alone.</summary>
    public void Repeat() => _session.Run();

    public void Dispose() => _session.Dispose();
}
