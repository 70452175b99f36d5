using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Benchmarks;

/// <summary>The real recordings beside the checkout, cut into batches as an agent gathers them: row by row, every
/// channel of the row, until a batch holds 2,048 readings.</summary>
/// <remarks>Times are the recording's own; where it has none, those that its sampling rate implies: 12,000 samples a
/// second for CWRU, one flight an hour for C-MAPSS.</remarks>
internal static class Recordings
{
    public const int ReadingsPerBatch = 2048;
    private const long StartMicros = 1_700_000_000_000_000;
    private const long MicrosPerHour = 3_600_000_000;
    private const int CwruRateHz = 12_000;
    private const int NpyHeaderBytes = 10;

    /// <summary>All four sets by name, in batches.</summary>
    /// <exception cref="BenchmarkException">The recordings are not beside the checkout.</exception>
    public static IReadOnlyList<(string Set, IReadOnlyList<RecordBatch> Batches)> Load()
    {
        var folder = FindFolder();
        return
        [
            ("cwru", Cut(Files(folder, "cwru", "*.npy").Select(Cwru))),
            ("cmapss", Cut(Files(folder, "cmapss", "t*_FD001.txt").SelectMany(Cmapss))),
            ("nab", Cut(Files(folder, "nab", "*.csv").Select(file => Csv(file, ',', columns: 1)))),
            ("skab", Cut(Files(folder, "skab", "*.csv").Select(file => Csv(file, ';', columns: 8)))),
        ];
    }

    internal static string FindFolder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "LeptonEdge.sln")))
            root = root.Parent;
        var folder = Path.GetFullPath(Path.Combine(root?.FullName ?? ".", "..", "shared", "data"));
        return Directory.Exists(folder)
            ? folder
            : throw new BenchmarkException(
                $"needs the recordings CWRU, C-MAPSS, NAB and SKAB in '{folder}': their README names the sources");
    }

    private static IEnumerable<string> Files(string folder, string set, string pattern)
    {
        var below = Path.Combine(folder, set);
        var files = Directory.Exists(below)
            ? Directory.GetFiles(below, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray()
            : [];
        return files.Length > 0 ? files : throw new BenchmarkException($"no {pattern} below '{below}'");
    }

    private static Recording Cwru(string file)
    {
        var bytes = File.ReadAllBytes(file).AsSpan();
        var header = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        var samples = MemoryMarshal.Cast<byte, float>(bytes[(NpyHeaderBytes + header)..]);
        var recording = new Recording(["drive-end.acceleration"]);
        for (var i = 0; i < samples.Length; i++)
        {
            recording.Times.Add(StartMicros + (long)Math.Round(i * 1e6 / CwruRateHz));
            recording.Rows.Add([samples[i]]);
        }

        return recording;
    }

    private static IEnumerable<Recording> Cmapss(string file) =>
        File.ReadLines(file)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length > 2)
            .GroupBy(cells => cells[0])
            .Select(engine =>
            {
                var names = Enumerable.Range(1, 3).Select(i => $"setting{i}")
                    .Concat(Enumerable.Range(1, 21).Select(i => $"sensor{i}"));
                var recording = new Recording([.. names]);
                foreach (var cells in engine)
                {
                    recording.Times.Add(StartMicros + (int.Parse(cells[1]) * MicrosPerHour));
                    recording.Rows.Add([.. cells.Skip(2).Select(Number)]);
                }

                return recording;
            });

    private static Recording Csv(string file, char separator, int columns)
    {
        var lines = File.ReadLines(file).Select(line => line.Split(separator));
        Recording? recording = null;
        foreach (var cells in lines)
        {
            if (recording is null)
            {
                recording = new Recording([.. cells.Skip(1).Take(columns).Select(ChannelOf)]);
                continue;
            }

            var time = DateTime.Parse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal
                | DateTimeStyles.AdjustToUniversal);
            recording.Times.Add((time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            recording.Rows.Add([.. cells.Skip(1).Take(columns).Select(Number)]);
        }

        return recording ?? throw new BenchmarkException($"'{file}' is empty");
    }

    /// <summary>A channel's name has no room for spaces and capitals.</summary>
    private static string ChannelOf(string column) => column.ToLowerInvariant().Replace(' ', '-');

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static IReadOnlyList<RecordBatch> Cut(IEnumerable<Recording> recordings)
    {
        var batches = new List<RecordBatch>();
        foreach (var recording in recordings)
        {
            RecordBatch? batch = null;
            for (var row = 0; row < recording.Rows.Count; row++)
            {
                for (var channel = 0; channel < recording.Channels.Length; channel++)
                {
                    if (batch is null || batch.Count == ReadingsPerBatch)
                        batches.Add(batch = new RecordBatch(RecordClass.Telemetry));
                    batch.AddReading(recording.Channels[channel], recording.Times[row], recording.Rows[row][channel]);
                }
            }
        }

        return batches;
    }

    private sealed class Recording(string[] channels)
    {
        public ChannelName[] Channels { get; } = [.. channels.Select(name => new ChannelName(name))];

        public List<long> Times { get; } = [];

        public List<double[]> Rows { get; } = [];
    }
}
