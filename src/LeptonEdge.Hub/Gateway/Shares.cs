namespace LeptonEdge.Hub.Gateway;

/// <summary>Who holds how many of something that each may have so many of. Any thread.</summary>
internal sealed class Shares(int max)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _held = new(StringComparer.Ordinal);

    public bool TryTake(string holder)
    {
        lock (_gate)
        {
            var held = _held.GetValueOrDefault(holder);
            if (held >= max)
                return false;
            _held[holder] = held + 1;
            return true;
        }
    }

    public void Return(string holder)
    {
        lock (_gate)
        {
            if (--_held[holder] == 0)
                _held.Remove(holder);
        }
    }
}
