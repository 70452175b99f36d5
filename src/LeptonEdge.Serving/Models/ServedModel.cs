using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Models;

/// <summary>One version of one model in memory. It lives until it is retired and the last request in it has
/// left.</summary>
public sealed class ServedModel
{
    // One for the repository itself.
    private int _leases = 1;

    internal ServedModel(
        string name, string version, string fileName, ModelManifest? manifest, TensorModel model, RunCost cost,
        int rowsMax)
    {
        (Name, Version, FileName, Manifest, Tensors, Cost) = (name, version, fileName, manifest, model, cost);
        Signature = new ModelSignature(
            name, version, model.Inputs, model.Outputs, model.Rows == RowKind.None ? 0 : rowsMax)
        {
            TakesFiniteOnly = manifest is not null,
        };
    }

    public string Name { get; }

    public string Version { get; }

    public string FileName { get; }

    /// <summary>Null for a bare model file.</summary>
    public ModelManifest? Manifest { get; }

    public TensorModel Tensors { get; }

    public RunCost Cost { get; }

    public RunCounters Counters { get; } = new();

    /// <summary>What a request must be.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Rows of one request; 0 where the model has no rows.</summary>
    public int RowsMax => Signature.RowsMax;

    /// <summary>When it was last asked for, a timestamp of the repository's clock.</summary>
    internal long AskedAt;

    /// <summary>What loading it added to the process, where that was measured.</summary>
    internal long MemoryBytes { get; set; }

    /// <summary>NAME/VERSION, for messages.</summary>
    public override string ToString() => $"{Name}/{Version}";

    /// <summary>The shape as a client sees it: a row dimension is free, however the model runs its rows.</summary>
    public IEnumerable<long> ShapeOf(TensorSpec spec) =>
        Tensors.Rows == RowKind.One ? spec.Shape.Skip(1).Prepend(-1) : spec.Shape;

    /// <summary>Takes a place in the model; false once it is gone.</summary>
    internal bool TryEnter()
    {
        for (var seen = Volatile.Read(ref _leases); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref _leases, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    /// <summary>Lets nobody in any more, unless somebody is in it; <see cref="Free"/> follows.</summary>
    internal bool TryRetireIdle() => Interlocked.CompareExchange(ref _leases, 0, 1) == 1;

    internal void Free() => Tensors.Dispose();

    /// <summary>Gives a place back, or, once, the repository's own; the last one out frees the model.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _leases) == 0)
            Tensors.Dispose();
    }
}
