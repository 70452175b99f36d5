using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference;

public class RepositoryModelsTests
{
    private static readonly string Root = Path.Combine(Requires.RepositoryRoot, "firmware-config", "models");

    [Fact]
    public void Every_bundle_of_the_repository_loads_and_both_its_variants_run_on_a_transformed_window()
    {
        var folders = Directory.GetDirectories(Root).SelectMany(Directory.GetDirectories).ToArray();
        Assert.NotEmpty(folders);
        foreach (var folder in folders)
        {
            var reference = new ModelReference(
                Path.GetFileName(Path.GetDirectoryName(folder))!, Path.GetFileName(folder));
            var bundle = ModelBundle.Load(Root, reference);
            var chain = bundle.Manifest.CreateTransforms();
            var random = new Random(5);
            var window = new float[chain.WindowSamples];
            foreach (ref var sample in window.AsSpan())
                sample = (float)random.NextDouble();
            foreach (var variant in bundle.Manifest.Files.Keys)
            {
                using var session = ModelSession.Open(bundle, new ModelSessionOptions { Variant = variant });
                chain.Apply(window, session.Input);
                session.Run();
                Assert.True(
                    float.IsFinite(session.Evaluate().Score), $"{reference} {variant} gives no finite score");
            }
        }
    }
}
