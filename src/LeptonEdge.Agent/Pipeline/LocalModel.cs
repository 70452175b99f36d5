using System.Diagnostics;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>A workload's model on this device: its transforms, run on the sensor's thread, and its session, run on the
/// lane. Neither allocates.</summary>
public sealed class LocalModel : IDisposable
{
    private const int ProofRounds = 8;
    private const int ProofSeed = 1;

    private readonly ModelSession _session;
    private readonly TransformChain _transforms;
    private readonly int _threads;

    // One for whoever put it in service, one for each window under way.
    private int _users = 1;

    /// <exception cref="ModelBundleException">The model cannot be loaded or run.</exception>
    /// <exception cref="TransformException">The manifest's transforms do not fit.</exception>
    public LocalModel(ModelBundle bundle, LaneSettings lane)
    {
        var before = Environment.WorkingSet;
        _transforms = bundle.Manifest.CreateTransforms();
        _session = ModelSession.Open(bundle, new ModelSessionOptions
        {
            Threads = lane.IntraOpThreads,
            ExecutionProviders = lane.ExecutionProviders,
        });
        _threads = _session.Provider == "CPU" ? lane.IntraOpThreads : 0;
        FileBytes = bundle.Manifest.Files[_session.Variant].Bytes;
        try
        {
            Prove(bundle.Folder);
            MemoryBytes = Math.Max(FileBytes, Environment.WorkingSet - before);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    public ModelManifest Manifest => _session.Manifest;

    public ModelReference Reference => _session.Model;

    /// <summary>Values of the model's input.</summary>
    public int FeatureCount => _session.InputWidth;

    /// <summary>Values of the window that the transforms take.</summary>
    public int WindowSamples => _transforms.WindowSamples;

    /// <summary>Size of the model's file.</summary>
    public long FileBytes { get; }

    /// <summary>What loading and proving it added to the process, not less than its file: the runtime may have laid it
    /// into memory that was free before.</summary>
    public long MemoryBytes { get; }

    public string ExecutionProvider => _session.Provider;

    /// <summary>Counts the inferences and their time; null counts nothing.</summary>
    public WorkCounter? Meter { get; init; }

    /// <summary>The model that the hub would run takes the same input; set before it is put in service.</summary>
    public bool SharesHubInput { get; internal set; }

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

    /// <summary>Keeps the model loaded until <see cref="Leave"/>; allocates nothing.</summary>
    /// <returns>False when it is being let go.</returns>
    public bool TryEnter()
    {
        for (var seen = Volatile.Read(ref _users); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref _users, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Takes <see cref="TryEnter"/> back. The last to leave a model that is out of service lets it go, but not
    /// on its own thread: that may be the lane, and the next window waits.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static session => session.Dispose(), _session, preferLocal: false);
    }

    /// <summary>Takes the model out of service; it is let go when no window is under way in it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _session.Dispose();
    }

    // Noise from window to output, often enough for the runtime to take the code on the way for hot.
    private void Prove(string folder)
    {
        var random = new Random(ProofSeed);
        var window = new float[WindowSamples];
        for (var round = 0; round < ProofRounds; round++)
        {
            foreach (ref var value in window.AsSpan())
                value = (float)(random.NextDouble() - 0.5);
            _transforms.Apply(window, _session.Input[..FeatureCount]);
            _session.Run();
            var output = _session.Output[.._session.OutputWidth];
            if (FiniteValues.FirstNonFinite(output) is >= 0 and var bad)
                throw new ModelBundleException(
                    folder,
                    [$"{Reference}: gives {output[bad]} as output {bad} for noise: its weights are broken"]);
        }
    }
}
