namespace LeptonEdge.Placement.Planning;

/// <summary>Moves of the last minute.</summary>
internal sealed class MoveRate
{
    private const long Minute = 60_000_000;
    private readonly Queue<long> _times = [];

    public void Count(long nowMicros) => _times.Enqueue(nowMicros);

    public int Left(int most, long nowMicros)
    {
        while (_times.TryPeek(out var oldest) && nowMicros - oldest >= Minute)
            _times.Dequeue();
        return Math.Max(0, most - _times.Count);
    }
}
