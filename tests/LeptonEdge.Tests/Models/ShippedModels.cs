using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Models;

/// <summary>The bundles under firmware-config/models, and what their manifests claim.</summary>
internal static class ShippedModels
{
    public static readonly string[] Names = ["bearing-fault", "bearing-fault-large", "host-anomaly"];

    public static ModelBundle Load(string name) => ModelBundle.Load(
        Path.Combine(Requires.RepositoryRoot, "firmware-config", "models"), new ModelReference(name, "1.0.0"));

    /// <summary>One split's entry of the manifest's metrics.</summary>
    public static JsonElement Split(ModelBundle bundle, string split) => bundle.Manifest.Metrics!.Value
        .GetProperty("splits").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == split);
}

/// <summary>The way of a window through one variant of a bundle: transforms, model, finding.</summary>
internal sealed class WindowJudge : IDisposable
{
    private readonly TransformChain _transforms;

    public WindowJudge(ModelBundle bundle, ModelVariant variant)
    {
        _transforms = bundle.Manifest.CreateTransforms();
        Session = ModelSession.Open(bundle, new ModelSessionOptions { Variant = variant });
    }

    public ModelSession Session { get; }

    public Finding Judge(ReadOnlySpan<float> window)
    {
        _transforms.Apply(window, Session.Input);
        Session.Run();
        return Session.Evaluate();
    }

    public void Dispose() => Session.Dispose();
}
