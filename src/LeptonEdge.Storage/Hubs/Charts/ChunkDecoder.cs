using LeptonEdge.Protocol.Batches;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Charts;

/// <summary>The readings of one chunk after another, in memory that is used again.</summary>
internal sealed class ChunkDecoder(Database database)
{
    private readonly Statement _data = database.Cached("SELECT data FROM chunk WHERE id = ?1");
    private long[] _times = [];
    private double[] _values = [];

    public int Count { get; private set; }

    public long[] Times => _times;

    public double[] Values => _values;

    public void Decode(long id)
    {
        _data.Bind(1, id);
        Count = _data.Step() ? SeriesCodec.Decode(_data.Blob(0), ref _times, ref _values) : 0;
        _data.Reset();
    }
}
