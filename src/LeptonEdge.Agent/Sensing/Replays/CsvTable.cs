using System.Globalization;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Sensing.Replays;

/// <summary>The number columns of one CSV file, in memory.</summary>
internal sealed class CsvTable
{
    private const long FileBytesMax = 64 * 1024 * 1024;
    private const int CellsMax = 16 * 1024 * 1024;
    private const int FaultsToldMax = 10;

    private readonly List<double> _cells = [];

    private CsvTable(IReadOnlyList<string> columns) => Columns = columns;

    public IReadOnlyList<string> Columns { get; }

    public int RowCount => _cells.Count / Columns.Count;

    public double this[int row, int column] => _cells[(row * Columns.Count) + column];

    /// <summary>A row of the wrong width is left out and a cell that is no number becomes NaN, each with a line in
    /// the log.</summary>
    /// <exception cref="SensorException">The file cannot be read as a table at all.</exception>
    public static CsvTable Load(string path, char? separator, IReadOnlyList<string> wanted, ILogger logger)
    {
        SensorException Fault(string what) => new($"{path}: {what}");
        try
        {
            if (new FileInfo(path).Length is var bytes && bytes > FileBytesMax)
                throw Fault($"has {bytes} bytes; at most {FileBytesMax} are read");
            using var reader = new StreamReader(path);
            var header = reader.ReadLine() ?? throw Fault("is empty; it needs a header line");
            var split = separator ?? Guess(header) ?? throw Fault("has no ',' or ';' or tab in its header line");
            var names = Array.ConvertAll(header.Split(split), Clean);
            var indices = wanted.Count == 0
                ? [.. Enumerable.Range(1, names.Length - 1)]
                : wanted.Select(name => Array.IndexOf(names, name)).ToArray();
            if (Array.IndexOf(indices, -1) is var missing and >= 0)
                throw Fault($"has no column '{wanted[missing]}'; its columns are {string.Join(", ", names)}");
            if (indices.Length == 0)
                throw Fault("has one column only; the first is the time, values follow it");
            var table = new CsvTable([.. indices.Select(i => names[i])]);
            var told = table.ReadRows(reader, path, split, names.Length, indices, logger);
            if (told > FaultsToldMax)
                SensingLog.RowUnreadable(logger, path, 0, $"{told - FaultsToldMax} more faults in this file");
            return table.RowCount > 0 ? table : throw Fault("has a header but not one row of values");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SensorException($"{path}: {error.Message}", error);
        }
    }

    private long ReadRows(StreamReader reader, string path, char split, int width, int[] indices, ILogger logger)
    {
        long faults = 0;
        long line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length == 0)
                continue;
            var cells = text.Split(split);
            if (cells.Length != width)
            {
                if (++faults <= FaultsToldMax)
                    SensingLog.RowUnreadable(logger, path, line,
                        $"has {cells.Length} cells, the header {width}; the row is left out");
                continue;
            }

            foreach (var index in indices)
            {
                if (!TryParse(cells[index], out var value) && ++faults <= FaultsToldMax)
                    SensingLog.RowUnreadable(logger, path, line,
                        $"'{Clean(cells[index])}' in column {index + 1} is no number; it reads as NaN");
                _cells.Add(value);
            }

            if (_cells.Count > CellsMax)
                throw new SensorException($"{path}: has more than {CellsMax} values; cut it into smaller files");
        }

        return faults;
    }

    /// <summary>An empty cell is a value that was not measured: NaN, and no fault.</summary>
    private static bool TryParse(string cell, out double value)
    {
        cell = Clean(cell);
        if (cell.Length > 0 && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return true;
        value = double.NaN;
        return cell.Length == 0;
    }

    private static string Clean(string cell)
    {
        cell = cell.Trim().Trim('"').Trim('\uFEFF');
        return cell.Length > 64 ? cell[..64] : cell;
    }

    private static char? Guess(string header) =>
        header.Contains(';') ? ';' : header.Contains('\t') ? '\t' : header.Contains(',') ? ',' : null;
}
