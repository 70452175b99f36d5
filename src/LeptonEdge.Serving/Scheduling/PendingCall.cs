using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>One request on its way through the scheduler.</summary>
/// <param name="inputs">One for each input of the model, in the model's order.</param>
/// <param name="rows">Rows of the request; 0 for a model without rows.</param>
internal sealed class PendingCall(
    ServedModel model, Tensor[] inputs, IReadOnlyList<string> outputs, int rows, string caller, int priority)
{
    private readonly TaskCompletionSource<Tensor[]> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServedModel Model => model;

    public Tensor[] Inputs => inputs;

    public IReadOnlyList<string> Outputs => outputs;

    public int Rows => rows;

    /// <summary>Who shares with whom.</summary>
    public string Caller => caller;

    /// <summary>1 is the most urgent.</summary>
    public int Priority => priority;

    /// <summary>A timestamp of the clock; <see cref="long.MaxValue"/> where there is none.</summary>
    public long DeadlineAt { get; init; } = long.MaxValue;

    public long StartedAt { get; set; }

    /// <summary>How long it has kept a worker; its share of runs with others.</summary>
    public TimeSpan Busy { get; set; }

    /// <summary>Seconds that it keeps a worker busy, as far as is known.</summary>
    public double Cost { get; init; }

    /// <summary>Others are about to follow from the same caller.</summary>
    public bool HasCompany { get; init; }

    public Task<Tensor[]> Answer => _answer.Task;

    /// <summary>Its place in the queue; null once it is out.</summary>
    public LinkedListNode<PendingCall>? Place { get; set; }

    public void Complete(Tensor[] outputs) => _answer.TrySetResult(outputs);

    public void Fail(Exception fault) => _answer.TrySetException(fault);

    public void Cancel(CancellationToken cancellation) => _answer.TrySetCanceled(cancellation);

    /// <summary>Whether both may run as one.</summary>
    public bool FitsWith(PendingCall other)
    {
        if (!ReferenceEquals(model, other.Model) || model.Tensors.Rows != RowKind.Free
            || !(ReferenceEquals(outputs, other.Outputs) || outputs.SequenceEqual(other.Outputs)))
            return false;
        for (var i = 0; i < inputs.Length; i++)
        {
            // All but the rows must agree where the model leaves other dimensions free too.
            if (!inputs[i].Shape.AsSpan(1).SequenceEqual(other.Inputs[i].Shape.AsSpan(1)))
                return false;
        }

        return true;
    }
}
