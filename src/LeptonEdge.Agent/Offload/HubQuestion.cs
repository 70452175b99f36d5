using System.Runtime.InteropServices;
using Google.Protobuf;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Metrics;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Agent.Offload;

/// <summary>A window as the hub is asked about it.</summary>
/// <param name="Features">The whole model's input, shape (N,).</param>
/// <param name="Crossing">What the first stage made of it, one tensor after another; empty for a whole model.</param>
public readonly record struct HubWindow(float[] Features, byte[] Crossing);

/// <summary>How one workload asks the hub: which model, what its input is made of and what its output means. The
/// transforms run on the device, so that a window's features travel, not the window.</summary>
/// <remarks>One thread at a time transforms: the sensor's.</remarks>
public sealed class HubQuestion
{
    private const string FloatType = "FP32";

    private readonly ModelManifest _manifest;
    private readonly TransformChain _transforms;
    private readonly int _priority;
    private long _asked;

    /// <param name="first">The device's share of a split model, whose manifest is the given one; null for a whole
    /// model.</param>
    public HubQuestion(
        WorkloadId workload, ModelManifest manifest, int priority, TimeProvider clock, FirstStage? first = null)
    {
        (Workload, _manifest, _priority, First) = (workload, manifest, priority, first);
        _transforms = manifest.CreateTransforms();
        Pace = new ReplyPace(clock);
    }

    public WorkloadId Workload { get; }

    /// <summary>How quick the hub answers these days.</summary>
    public ReplyPace Pace { get; }

    public OffloadTally Tally { get; init; } = new();

    /// <summary>Counts what is sent; null counts nothing.</summary>
    public WorkCounter? Meter { get; init; }

    /// <summary>What the device computes before the hub is asked; null when the hub has the whole model.</summary>
    public FirstStage? First { get; }

    /// <summary>The model that the hub is asked for.</summary>
    public ModelReference Model => First?.Second ?? _manifest.Reference;

    /// <summary>Values of the model's input.</summary>
    public int FeatureCount => _manifest.Input.Width;

    /// <summary>Bytes of one window as it is sent.</summary>
    public int WindowBytes => First?.CrossingBytes ?? FeatureCount * sizeof(float);

    /// <summary>A window of zeros.</summary>
    public HubWindow Zeros() => new(new float[FeatureCount], new byte[First?.CrossingBytes ?? 0]);

    /// <summary>Whether the hub's model takes the very input of the device's own: one transform serves both.</summary>
    public bool SharesInputOf(ModelManifest local) =>
        _manifest.Input.Width == local.Input.Width && SameSteps(_manifest.Transforms, local.Transforms);

    public void Transform(ReadOnlySpan<float> window, Span<float> features) => _transforms.Apply(window, features);

    /// <param name="window">Copied.</param>
    /// <param name="remaining">What is left of the deadline.</param>
    public ModelInferRequest ToRequest(HubWindow window, TimeSpan remaining)
    {
        var request = new ModelInferRequest
        {
            ModelName = Model.Name,
            ModelVersion = Model.Version,
            Id = $"{Workload}-{Interlocked.Increment(ref _asked)}",
        };
        request.Parameters.Add(
            "deadline_us", new InferParameter { Int64Param = remaining.Ticks / TimeSpan.TicksPerMicrosecond });
        request.Parameters.Add("workload", new InferParameter { StringParam = Workload.Value });
        request.Parameters.Add("priority", new InferParameter { Int64Param = PriorityOnWire(_priority) });
        if (First is { } first)
            AddCrossing(request, first, window.Crossing);
        else
            Add(
                request, _manifest.Input.Name, FloatType, [1, FeatureCount],
                MemoryMarshal.AsBytes(window.Features.AsSpan()));
        return request;
    }

    private static void AddCrossing(ModelInferRequest request, FirstStage first, ReadOnlySpan<byte> crossing)
    {
        foreach (var tensor in first.Crossing)
        {
            Add(request, tensor.Name, tensor.Type.Name(), tensor.Shape, crossing[..tensor.Data.Length]);
            crossing = crossing[tensor.Data.Length..];
        }
    }

    private static void Add(
        ModelInferRequest request, string name, string type, long[] shape, ReadOnlySpan<byte> bytes)
    {
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
        {
            Name = name, Datatype = type, Shape = { shape },
        });
        request.RawInputContents.Add(ByteString.CopyFrom(bytes));
    }

    /// <summary>Learns from what became of a call.</summary>
    /// <param name="took">From the question to its result.</param>
    public void Note(OffloadResult result, TimeSpan took)
    {
        switch (result)
        {
            case OffloadResult.Answered:
                Pace.Record(took);
                break;
            case OffloadResult.TooLate:
                Pace.Miss(took);
                break;
            case OffloadResult.Refused { RetryAfter: { } pause }:
                Pace.HoldOff(pause);
                break;
            default:
                Pace.Refuse();
                break;
        }
    }

    private static bool SameSteps(IReadOnlyList<TransformSpec> ours, IReadOnlyList<TransformSpec> theirs) =>
        ours.Count == theirs.Count && ours.Zip(theirs).All(pair =>
            pair.First with { Mean = null, Scale = null } == pair.Second with { Mean = null, Scale = null }
            && Same(pair.First.Mean, pair.Second.Mean) && Same(pair.First.Scale, pair.Second.Scale));

    private static bool Same(IReadOnlyList<float>? a, IReadOnlyList<float>? b) =>
        a is null || b is null ? a is null && b is null : a.SequenceEqual(b);

    /// <summary>The protocol counts the other way: 1 is the most urgent, and 0 no wish.</summary>
    private static int PriorityOnWire(int urgency) => 10 - urgency;

    /// <summary>What the hub's reply says of the window.</summary>
    /// <param name="features">The model's input that was sent.</param>
    /// <returns>Refused when the reply does not hold what the manifest promises.</returns>
    public OffloadResult Read(ModelInferResponse reply, ReadOnlySpan<float> features)
    {
        var at = 0;
        while (at < reply.Outputs.Count && reply.Outputs[at].Name != _manifest.Output.Name)
            at++;
        if (at == reply.Outputs.Count)
            return new OffloadResult.Refused($"the reply has no output '{_manifest.Output.Name}'");
        Span<float> values = [];
        if (at < reply.RawOutputContents.Count)
            values = MemoryMarshal.Cast<byte, float>(reply.RawOutputContents[at].ToByteArray().AsSpan());
        else if (reply.Outputs[at].Contents is { } contents)
            values = contents.Fp32Contents.ToArray();
        if (values.Length != _manifest.Output.Width)
            return new OffloadResult.Refused(
                $"output '{_manifest.Output.Name}' has {values.Length} values, not {_manifest.Output.Width}");
        return new OffloadResult.Answered(_manifest.Score.Evaluate(features, values));
    }
}
