using System.Diagnostics.CodeAnalysis;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>The places for windows of one workload that are under way; a window that finds none is shed. Any
/// thread.</summary>
internal sealed class WindowSlots(int count)
{
    private readonly Lock _gate = new();
    private readonly Stack<WindowSlot> _free = new(count);

    /// <summary>Windows that may still be taken while those under way are.</summary>
    public int Free
    {
        get
        {
            lock (_gate)
                return _free.Count;
        }
    }

    public bool IsIdle => Free == count;

    public bool TryRent([NotNullWhen(true)] out WindowSlot? slot)
    {
        lock (_gate)
            return _free.TryPop(out slot);
    }

    public void Return(WindowSlot slot)
    {
        lock (_gate)
            _free.Push(slot);
    }
}
