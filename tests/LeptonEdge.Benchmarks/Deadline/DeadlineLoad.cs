using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;

namespace LeptonEdge.Benchmarks.Deadline;

/// <summary>The windows that every workload is given: noise over tones of a few strengths, so that the small model is
/// sure of some and unsure of others.</summary>
internal sealed class DeadlineLoad
{
    private const int Count = 128;
    private const double UnsureShare = 0.2;

    private readonly float[][] _windows;
    private readonly bool[] _unsure;

    public DeadlineLoad(ModelBundle small)
    {
        var random = new Random(7);
        var manifest = small.Manifest;
        _windows = [.. Enumerable.Range(0, Count).Select(_ => Make(random, manifest.WindowSamples))];
        using var session = ModelSession.Open(small, new ModelSessionOptions { Variant = ModelVariant.Int8 });
        var transforms = manifest.CreateTransforms();
        var confidences = _windows.Select(window =>
        {
            transforms.Apply(window, session.Input);
            session.Run();
            return (double)manifest.Score.Confidence(session.Output[..session.OutputWidth]);
        }).ToArray();
        // One in five: enough to be measured, and far more than the shipped models are unsure of.
        var threshold = confidences.Order().ElementAt((int)(UnsureShare * Count));
        Rule = new CascadeRule { UnsureBelow = threshold };
        _unsure = [.. confidences.Select(confidence => Rule.IsUnsure(0, confidence))];
    }

    /// <summary>Unsure of a fifth of the windows.</summary>
    public CascadeRule Rule { get; }

    public ReadOnlySpan<float> Window(long number) => _windows[number % Count];

    public bool IsUnsure(long number) => _unsure[number % Count];

    private static float[] Make(Random random, int samples)
    {
        var (strength, cycles) = (random.NextDouble() * 2, 10 + random.Next(200));
        return
        [
            .. Enumerable.Range(0, samples).Select(i => (float)(
                random.NextDouble() - 0.5 + (strength * Math.Sin(2 * Math.PI * cycles * i / samples)))),
        ];
    }
}
