using System.Diagnostics;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Placement.Splits;

namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>A cut that was decided, really made: both stages run, and what they answer and cost.</summary>
/// <param name="Cut">What crosses.</param>
/// <param name="Proof">Answers beside the whole's.</param>
/// <param name="Millis">Median of both stages, one after the other, on this machine.</param>
/// <param name="WholeMillis">Median of the whole.</param>
internal sealed record RealSplit(string Cut, SplitProof Proof, double Millis, double WholeMillis)
{
    private const int Rounds = 9;

    public static RealSplit Make(byte[] file, SplitDecision decision)
    {
        var tensors = decision.Crossing.Select(at => decision.Profile.Tensors[at]).Where(tensor => tensor.Maker >= 0);
        var splitter = new ModelSplitter(file, null);
        var split = splitter.Split(splitter.Cuts.Find([.. tensors.Select(tensor => tensor.Name)]));
        using var prover = new SplitProver(file, split);
        prover.RunOnRandom(5, seed: 1, rows: 1);
        var options = new ModelSessionOptions();
        using var whole = TensorModel.Open(file, options);
        using var head = TensorModel.Open(split.Head, options);
        using var tail = TensorModel.Open(split.Tail, options);
        Tensor[] inputs = [.. whole.Inputs.Select(Noise)];
        string[] outputs = [.. tail.Outputs.Select(output => output.Name)];
        string[] crossing = [.. split.Cut.Tensors];
        void Stages()
        {
            var made = Run(head, inputs, crossing);
            Run(tail, [.. made, .. inputs], outputs);
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
            string.Join(", ", split.Cut.Crossing), prover.Proof, Statistics.Median(stages),
            Statistics.Median(wholes));
    }

    private static Tensor[] Run(TensorModel model, IReadOnlyList<Tensor> given, string[] outputs) => model.Run(
        [.. model.Inputs.Select(input => given.First(tensor => tensor.Name == input.Name))], outputs);

    private static Tensor Noise(TensorSpec spec)
    {
        var data = new byte[spec.Shape.Aggregate((long)spec.Type.ElementBytes(), (product, dim) => product * dim)];
        if (spec.Type == TensorType.UInt8)
            new Random(1).NextBytes(data);
        return new Tensor { Name = spec.Name, Type = spec.Type, Shape = [.. spec.Shape], Data = data };
    }

    private static double Time(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
