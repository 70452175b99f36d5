using System.Threading.Tasks.Sources;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>One request on its way through the scheduler. Whoever has taken it out of the queue says once what came of
/// it, and then tells its caller, which waits for it once.</summary>
/// <param name="inputs">One for each input of the model, in the model's order.</param>
/// <param name="rows">Rows of the request; 0 for a model without rows.</param>
internal sealed class PendingCall(
    ServedModel model, Tensor[] inputs, IReadOnlyList<string> outputs, int rows, string caller, int priority)
    : IValueTaskSource<Tensor[]>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<Tensor[]> _answer;
    private CancellationTokenRegistration _gone;
    private Tensor[]? _outputs;
    private Exception? _fault;

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

    /// <summary>Comes once the caller is told; it may be awaited once.</summary>
    public ValueTask<Tensor[]> Answer => new(this, _answer.Version);

    /// <summary>Its place in the queue; null once it is out.</summary>
    public LinkedListNode<PendingCall>? Place { get; set; }

    /// <summary>Whom to tell when the caller gives up; forgotten with the answer.</summary>
    public void LeaveWith(CancellationTokenRegistration gone) => _gone = gone;

    public void Complete(Tensor[] answer) => _outputs = answer;

    public void Fail(Exception fault) => _fault = fault;

    /// <summary>Tells the caller what came of it, and goes on with the caller's work on this thread.</summary>
    public void Tell()
    {
        if (_fault is { } fault)
            _answer.SetException(fault);
        else
            _answer.SetResult(_outputs!);
    }

    /// <summary>The same on another thread.</summary>
    public void TellLater() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

    void IThreadPoolWorkItem.Execute() => Tell();

    Tensor[] IValueTaskSource<Tensor[]>.GetResult(short token)
    {
        _gone.Unregister();
        return _answer.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<Tensor[]>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Tensor[]>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _answer.OnCompleted(continuation, state, token, flags);

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
