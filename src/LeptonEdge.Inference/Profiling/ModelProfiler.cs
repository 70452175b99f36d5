using Google.Protobuf;
using LeptonEdge.Core.Profiles;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Graphs.Onnx;
using LeptonEdge.Inference.Splitting;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Profiling;

/// <summary>A profile, and how it came about.</summary>
/// <param name="Profile">Costs step by step; their sum is <paramref name="Wall"/>.</param>
/// <param name="Runs">Runs measured, with the runtime's profile and without it.</param>
/// <param name="Wall">Median time of a run without the runtime's profile.</param>
/// <param name="Kernels">Sum of what the runtime's profile says of its kernels. Small models take longer with a profile
/// than without: what it adds is taken off each step alike, and the rest brought to <paramref name="Wall"/>.</param>
public sealed record MeasuredModel(ModelProfile Profile, int Runs, TimeSpan Wall, TimeSpan Kernels);

/// <summary>
/// Measures a model step by step, from ONNX Runtime's own profile of the model as it optimises it for this machine.
/// What it fuses is one step here: no cut could go through it without changing what is computed, and what it costs.
/// </summary>
public static class ModelProfiler
{
    /// <summary>Profiles a model on inputs drawn at random.</summary>
    /// <param name="name">Of the model, for people.</param>
    /// <param name="file">The model.</param>
    /// <param name="folder">Its folder, where tensors in other files lie; null: nowhere.</param>
    /// <param name="options">How.</param>
    /// <param name="clock">Measures whole runs.</param>
    /// <param name="progress">Told the stage, and the part of it that is done.</param>
    /// <exception cref="ModelException">The model is broken.</exception>
    /// <exception cref="ProfilerException">It does not run on such inputs.</exception>
    public static MeasuredModel Profile(
        string name, byte[] file, string? folder, ProfilerOptions options, TimeProvider clock,
        Action<string, double>? progress = null)
    {
        options.Validate();
        var tell = progress ?? ((_, _) => { });
        var content = ModelCheck.Check(file, folder);
        var model = ModelProto.Parser.ParseFrom(file);
        if (folder is not null)
            ExternalTensors.Inline(model.Graph, folder);
        var scratch = Directory.CreateTempSubdirectory("lepton-profile-").FullName;
        try
        {
            tell("measuring tensors", 0);
            var flow = new DataFlow(ModelGraph.Link(content.Graph));
            var tagged = NodeTags.Apply(model);
            var inputs = ProfileInputs.Draw(flow.Graph, options);
            var sizes = TensorSizes.Measure(tagged, flow, inputs);
            var runner = new ProfileRunner(tagged, inputs, options, clock, scratch);
            var fused = runner.Optimise(GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
            var (wall, runs) = runner.Wall(share => tell("measuring runs", share));
            var (full, kernels) = runner.Kernels(runs, share => tell("measuring steps", share));
            var finder = new StepFinder(flow, fused);
            var steps = finder.Find();
            var seconds = new KernelTimes(flow, steps, full).Share(kernels);
            var profile = new ProfileBuilder(flow, sizes, finder.Visible, content.Opset)
                .Build(name, options, seconds, steps, wall);
            return new MeasuredModel(profile, runs, wall, TimeSpan.FromSeconds(kernels.Values.Sum()));
        }
        catch (OnnxRuntimeException e)
        {
            throw new ProfilerException($"the model does not run: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
