using Microsoft.Data.Sqlite;

namespace LeptonEdge.Benchmarks.Api;

/// <summary>One year of one channel as a programmer would keep it first: a row for each reading with an index by time, and
/// a chart by GROUP BY.</summary>
internal sealed class PlainYear : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-year-");
    private readonly string _path;

    public PlainYear()
    {
        _path = Path.Combine(_folder.FullName, "plain.db");
        using var rows = new PlainRows(_path);
        rows.Execute("BEGIN");
        var number = 0;
        for (var time = LargeFleet.BeginMicros; time < LargeFleet.ToMicros; time += LargeFleet.StepMicros)
            rows.Insert(1, time, LargeFleet.Value(0, number++));
        rows.Execute("COMMIT");
        rows.Execute("CREATE INDEX reading_time ON reading (channel, time)");
    }

    public void Chart()
    {
        using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT time / 86400000000, min(value), max(value), avg(value), count(*) FROM reading
            WHERE channel = 1 AND time >= $from AND time < $to GROUP BY 1 ORDER BY 1
            """;
        command.Parameters.AddWithValue("$from", LargeFleet.BeginMicros);
        command.Parameters.AddWithValue("$to", LargeFleet.ToMicros);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
