using System.Diagnostics;
using System.Runtime.InteropServices;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Placement.Splits;
using TensorType = LeptonEdge.Inference.Tensors.TensorType;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>A cut really made: both stages run, and what they answer and cost.</summary>
/// <param name="Crossing">What crosses.</param>
/// <param name="Proof">Answers beside the whole's.</param>
/// <param name="Millis">Median of both stages, one after the other, on this machine.</param>
/// <param name="WholeMillis">Median of the whole.</param>
internal sealed record RealSplit(
    IReadOnlyList<GraphValue> Crossing, SplitProof Proof, double Millis, double WholeMillis)
{
    private const int Rounds = 9;
    private const int Inputs = 5;

    /// <summary>Whether bytes cross, and no floats.</summary>
    public bool IsBytes => Crossing.All(value => value.Type.Element is ElementType.UInt8 or ElementType.Int8);

    /// <summary>What crosses, in words.</summary>
    public string Cut => string.Join(", ", Crossing.Select(value => $"{value.Name} ({value.Type.Element})"));

    public static RealSplit Make(byte[] file, SplitDecision decision)
    {
        var tensors = decision.Crossing.Select(at => decision.Profile.Tensors[at]).Where(tensor => tensor.Maker >= 0);
        var splitter = new ModelSplitter(file, null);
        using var prover = SplitProver.Cut(
            splitter, splitter.Cuts.Find([.. tensors.Select(tensor => tensor.Name)]), Inputs);
        var split = prover.Split;

        // Fewer where the splitter moves a cut to a tensor's quantized form; more would not be what was decided.
        var bytes = split.Crossing.Sum(
            value => (value.Type.Count ?? long.MaxValue / 64) * value.Type.Element.Bits() / 8);
        if (bytes > decision.UpBytes)
            throw new BenchmarkException($"{decision}: really {bytes} bytes cross");
        var options = new ModelSessionOptions();
        using var whole = TensorModel.Open(file, options);
        using var head = TensorModel.Open(split.Head, options);
        using var tail = TensorModel.Open(split.Tail, options);
        Tensor[] inputs = [.. whole.Inputs.Select(Noise)];
        string[] outputs = [.. tail.Outputs.Select(output => output.Name)];
        string[] crossing = [.. split.Cut.Tensors];
        void Stages()
        {
            var crossed = Run(head, inputs, crossing);
            Run(tail, [.. crossed, .. inputs], outputs);
        }

        var (wholes, stages) = (new double[Rounds], new double[Rounds]);
        for (var round = -2; round < Rounds; round++)
        {
            var (one, two) = (
                Time(() => Run(whole, inputs, [.. whole.Outputs.Select(output => output.Name)])), Time(Stages));
            if (round >= 0)
                (wholes[round], stages[round]) = (one, two);
        }

        return new RealSplit(
            split.Crossing, prover.Proof, Statistics.Median(stages), Statistics.Median(wholes));
    }

    private static Tensor[] Run(TensorModel model, IReadOnlyList<Tensor> given, string[] outputs) => model.Run(
        [.. model.Inputs.Select(input => given.First(tensor => tensor.Name == input.Name))], outputs);

    private static Tensor Noise(TensorSpec spec)
    {
        var data = new byte[spec.Shape.Aggregate((long)spec.Type.ElementBytes(), (product, dim) => product * dim)];
        var random = new Random(1);
        if (spec.Type == TensorType.UInt8)
            random.NextBytes(data);
        foreach (ref var value in spec.Type == TensorType.Float32 ? MemoryMarshal.Cast<byte, float>(data.AsSpan()) : [])
            value = (random.NextSingle() * 2) - 1;
        return new Tensor { Name = spec.Name, Type = spec.Type, Shape = [.. spec.Shape], Data = data };
    }

    private static double Time(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
