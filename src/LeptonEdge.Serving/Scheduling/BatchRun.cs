using System.Buffers;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>Runs one request, or several of one model as one.</summary>
internal static class BatchRun
{
    /// <summary>Finds the answer to every request of the batch; its callers are not told yet.</summary>
    public static void Execute(IReadOnlyList<PendingCall> batch, TimeProvider clock)
    {
        if (batch.Count > 1 && TryTogether(batch, clock))
            return;
        foreach (var call in batch)
            ExecuteOne(call, clock);
    }

    public static void ExecuteOne(PendingCall call, TimeProvider clock)
    {
        try
        {
            call.Complete(Alone(call, clock));
        }
        catch (Exception fault)
        {
            call.Fail(fault);
        }
    }

    private static Tensor[] Alone(PendingCall call, TimeProvider clock)
    {
        var model = call.Model;
        if (model.Tensors.Rows != RowKind.One || call.Rows <= 1)
            return Run([call], call.Inputs, call.Rows, clock);
        var answers = new List<Tensor[]>(call.Rows);
        for (var row = 0; row < call.Rows; row++)
        {
            Tensor[] inputs = [.. call.Inputs.Select(input => Slice(input, row, 1, call.Rows))];
            answers.Add(Run([call], inputs, 1, clock));
        }

        var joined = new Tensor[call.Outputs.Count];
        for (var i = 0; i < joined.Length; i++)
        {
            Tensor[] parts = [.. answers.Select(answer => answer[i])];
            joined[i] = Join(parts, call.Rows, new byte[parts.Sum(part => part.Data.Length)]);
        }

        return joined;
    }

    /// <returns>False if they could not be answered as one: one of them may be at fault, so each is to run
    /// alone.</returns>
    private static bool TryTogether(IReadOnlyList<PendingCall> batch, TimeProvider clock)
    {
        var (first, rows) = (batch[0], 0);
        for (var i = 0; i < batch.Count; i++)
            rows += batch[i].Rows;
        var start = clock.GetTimestamp();
        var inputs = new Tensor[first.Inputs.Length];
        var rented = new byte[inputs.Length][];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                Tensor[] parts = [.. batch.Select(call => call.Inputs[i])];
                var bytes = parts.Sum(part => part.Data.Length);
                rented[i] = ArrayPool<byte>.Shared.Rent(bytes);
                inputs[i] = Join(parts, rows, rented[i].AsMemory(0, bytes));
            }

            var gathered = clock.GetElapsedTime(start);
            var outputs = Run(batch, inputs, rows, clock, gathered);
            if (!Array.TrueForAll(outputs, output => output.Shape.Length > 0 && output.Shape[0] == rows))
                return false;
            Share(outputs, rows, batch);
            return true;
        }
        catch (TensorRunException)
        {
            return false;
        }
        finally
        {
            foreach (var buffer in rented)
            {
                if (buffer is not null)
                    ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Gives each request its rows.</summary>
    private static void Share(Tensor[] outputs, int rows, IReadOnlyList<PendingCall> batch)
    {
        var row = 0;
        Tensor[]? before = null;
        for (var i = 0; i < batch.Count; i++)
        {
            var own = new Tensor[outputs.Length];
            for (var o = 0; o < own.Length; o++)
                own[o] = Slice(outputs[o], row, batch[i].Rows, rows, before?[o].Shape);
            batch[i].Complete(before = own);
            row += batch[i].Rows;
        }
    }

    private static Tensor[] Run(
        IReadOnlyList<PendingCall> batch, Tensor[] inputs, int rows, TimeProvider clock, TimeSpan gathered = default)
    {
        var (model, start) = (batch[0].Model, clock.GetTimestamp());
        var answer = model.Tensors.Run(inputs, batch[0].Outputs);
        var elapsed = clock.GetElapsedTime(start);
        for (var i = 0; i < batch.Count; i++)
            batch[i].Busy += batch.Count == 1 ? elapsed : elapsed * ((double)batch[i].Rows / rows);
        model.Cost.Observe(Math.Max(rows, 1), elapsed.TotalSeconds);
        model.Counters.CountRun(Math.Max(rows, 1), gathered, elapsed, TimeSpan.Zero);
        return answer;
    }

    internal static Tensor Join(Tensor[] parts, int rows, Memory<byte> into)
    {
        var at = 0;
        foreach (var part in parts)
        {
            part.Data.CopyTo(into[at..]);
            at += part.Data.Length;
        }

        return new Tensor
        {
            Name = parts[0].Name,
            Type = parts[0].Type,
            Shape = [rows, .. parts[0].Shape.AsSpan(1)],
            Data = into,
            Strings = parts[0].Type == TensorType.Bytes ? [.. parts.SelectMany(part => part.Strings)] : [],
        };
    }

    /// <param name="like">The shape of another slice, which is taken if it fits.</param>
    internal static Tensor Slice(Tensor tensor, int row, int rows, int of, long[]? like = null)
    {
        var bytes = tensor.Data.Length / of;
        var strings = tensor.Strings.Count / of;
        return new Tensor
        {
            Name = tensor.Name,
            Type = tensor.Type,
            Shape = like?[0] == rows ? like : [rows, .. tensor.Shape.AsSpan(1)],
            Data = tensor.Data.Slice(row * bytes, rows * bytes),
            Strings = tensor.Type == TensorType.Bytes
                ? [.. tensor.Strings.Skip(row * strings).Take(rows * strings)]
                : [],
        };
    }
}
