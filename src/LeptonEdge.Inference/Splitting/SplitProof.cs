using System.Runtime.InteropServices;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Inference.Splitting;

/// <summary>How the two stages' outputs compare with the whole model's.</summary>
/// <param name="Runs">Inputs that both were run on.</param>
/// <param name="Differing">Runs in which any bit of any output differed.</param>
/// <param name="Largest">Largest difference of two values of a floating-point output, over the largest value of that
/// output; 0 where all are the same.</param>
public sealed record SplitProof(int Runs, int Differing, double Largest)
{
    /// <summary>Whether every output was the same, bit for bit.</summary>
    public bool IsExact => Differing == 0;
}

/// <summary>Runs a model and its two stages side by side, as the product runs models.</summary>
/// <remarks>ONNX Runtime fuses operators, so that a cut through what it would have fused may round differently: only
/// running tells.</remarks>
public sealed class SplitProver : IDisposable
{
    private readonly TensorModel _whole;
    private readonly TensorModel _head;
    private readonly TensorModel _tail;
    private readonly string[] _crossing;
    private int _runs;
    private int _differing;
    private double _largest;

    /// <exception cref="SplitException">A stage does not load, in ONNX Runtime's words.</exception>
    public SplitProver(byte[] whole, SplitModel split)
    {
        Split = split;
        _crossing = [.. split.Cut.Tensors];
        var opened = new List<TensorModel>();
        try
        {
            foreach (var (name, file) in new[] { ("whole", whole), ("first", split.Head), ("second", split.Tail) })
                opened.Add(Open(name, file));
        }
        catch
        {
            opened.ForEach(model => model.Dispose());
            throw;
        }

        (_whole, _head, _tail) = (opened[0], opened[1], opened[2]);
    }

    /// <summary>The stages.</summary>
    public SplitModel Split { get; }

    public SplitProof Proof => new(_runs, _differing, _largest);

    /// <summary>Cuts a model and compares on random inputs; where the stages round otherwise than the whole, tries to
    /// have the second one fused as the whole is.</summary>
    /// <exception cref="SplitException">A stage does not load, or the model does not run on such inputs.</exception>
    public static SplitProver Cut(ModelSplitter model, ModelCut cut, int runs)
    {
        var plain = Compared(model.Whole, model.Split(cut), runs);
        if (plain.Proof.IsExact)
            return plain;
        var pooled = Compared(model.Whole, model.Split(cut, isPooled: true), runs);
        var (better, other) = pooled.Proof.IsExact ? (pooled, plain) : (plain, pooled);
        other.Dispose();
        return better;
    }

    /// <summary>Runs on inputs drawn from a seed, and on zeros.</summary>
    /// <param name="rows">Size of free first dimensions; other free ones are 1.</param>
    /// <exception cref="SplitException">The model does not run on such inputs.</exception>
    public void RunOnRandom(int runs, int seed, int rows)
    {
        var random = new Random(seed);
        for (var run = 0; run < runs; run++)
            Run([.. _whole.Inputs.Select(input => RandomTensor.Draw(input, rows, run == 0 ? null : random))]);
    }

    /// <summary>Runs on given inputs.</summary>
    /// <returns>What crossed.</returns>
    /// <exception cref="SplitException">The model does not run on them.</exception>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs)
    {
        try
        {
            var expected = Whole(_whole, inputs, [.. _whole.Outputs.Select(output => output.Name)]);
            var first = Whole(_head, inputs, [.. _head.Outputs.Select(output => output.Name)]);
            var second = Whole(_tail, [.. first, .. inputs], [.. _tail.Outputs.Select(output => output.Name)]);
            var exact = true;
            foreach (var output in expected)
            {
                var ours = second.Concat(first).First(tensor => tensor.Name == output.Name);
                exact &= Compare(output, ours);
            }

            _runs++;
            _differing += exact ? 0 : 1;
            return [.. first.Where(tensor => _crossing.Contains(tensor.Name))];
        }
        catch (TensorRunException e)
        {
            var shapes = inputs.Select(input => $"[{string.Join(", ", input.Shape)}]");
            throw new SplitException(
                $"the model does not run on inputs of shape {string.Join(", ", shapes)}: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        _whole.Dispose();
        _head.Dispose();
        _tail.Dispose();
    }

    private static SplitProver Compared(byte[] whole, SplitModel split, int runs)
    {
        var prover = new SplitProver(whole, split);
        try
        {
            prover.RunOnRandom(runs, seed: 1, rows: 1);
            return prover;
        }
        catch
        {
            prover.Dispose();
            throw;
        }
    }

    private static TensorModel Open(string name, byte[] file)
    {
        try
        {
            return TensorModel.Open(file, new ModelSessionOptions());
        }
        catch (InvalidDataException e)
        {
            throw new SplitException($"ONNX Runtime does not load the {name} model: {e.Message}", e);
        }
    }

    private static Tensor[] Whole(TensorModel model, IReadOnlyList<Tensor> given, string[] outputs) => model.Run(
        [.. model.Inputs.Select(input => given.First(tensor => tensor.Name == input.Name))], outputs);

    private bool Compare(Tensor expected, Tensor ours)
    {
        if (expected.Shape.SequenceEqual(ours.Shape) && expected.Data.Span.SequenceEqual(ours.Data.Span)
            && expected.Strings.Zip(ours.Strings).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span)))
        {
            return true;
        }

        var difference = expected.Type == TensorType.Float32 && expected.Data.Length == ours.Data.Length
            ? Difference(
                MemoryMarshal.Cast<byte, float>(expected.Data.Span), MemoryMarshal.Cast<byte, float>(ours.Data.Span))
            : 1;
        _largest = Math.Max(_largest, difference);
        return false;
    }

    private static double Difference(ReadOnlySpan<float> expected, ReadOnlySpan<float> ours)
    {
        var (largest, scale) = (0d, 0d);
        for (var i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)expected[i] - ours[i]));
            scale = Math.Max(scale, Math.Abs((double)expected[i]));
        }

        return scale > 0 ? largest / scale : largest;
    }
}
