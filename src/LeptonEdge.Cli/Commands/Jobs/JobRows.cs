using System.Runtime.InteropServices;
using LeptonEdge.Cli.Output;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Cli.Commands;

/// <summary>Sends rows to the hub, block by block, for a job to read.</summary>
internal static class JobRows
{
    // Well below what the hub takes in one block, also in base64.
    private const long BlockBytes = 1 << 20;

    /// <param name="files">NAME=FILE.npy, one for each input.</param>
    /// <returns>The number of the input.</returns>
    /// <exception cref="HubException">A file cannot be read, or the hub refused.</exception>
    public static async Task<long> SendAsync(
        HubClient client, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var arrays = ReadAll(files);
        var rows = arrays[0].Array.Shape.FirstOrDefault(1);
        var rowBytes = arrays.Sum(array => array.Array.Values.LongLength / rows * sizeof(float));
        var atOnce = Math.Clamp(BlockBytes / Math.Max(rowBytes, 1), 1, rows);
        var input = await client.PostAsync("api/v1/jobs/inputs", new { }, cancellation);
        var id = input.GetProperty("id").GetInt64();
        return await ProgressBar.RunAsync(async tell =>
        {
            var block = 0;
            for (var row = 0L; row < rows; row += atOnce, block++)
            {
                var count = Math.Min(atOnce, rows - row);
                await client.PutAsync(
                    $"api/v1/jobs/inputs/{id}/blocks/{block}",
                    new { tensors = arrays.Select(array => Slice(array.Name, array.Array, row, count)) }, cancellation);
                tell("rows sent", (double)(row + count) / rows);
            }

            return id;
        });
    }

    /// <summary>Reads the files, and sends nothing.</summary>
    /// <returns>0: the number that an input would have is not known.</returns>
    /// <exception cref="HubException">As for <see cref="SendAsync"/>.</exception>
    public static long Check(IReadOnlyList<string> files) => ReadAll(files).Count > 0 ? 0 : -1;

    private static List<(string Name, NpyArray Array)> ReadAll(IReadOnlyList<string> files)
    {
        var arrays = files.Select(Read).ToList();
        var rows = arrays[0].Array.Shape.FirstOrDefault(1);
        return arrays.Find(array => array.Array.Shape.FirstOrDefault(1) != rows) is { Name: not null } other
            ? throw HubException.Usage(
                $"--rows: {other.Name} has {other.Array.Shape.FirstOrDefault(1)} rows, {arrays[0].Name} has {rows}")
            : arrays;
    }

    private static (string Name, NpyArray Array) Read(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
            throw HubException.Usage($"--rows: '{text}'; write NAME=FILE.npy, NAME an input of the model");
        try
        {
            var array = NpyArray.Read(text[(at + 1)..]);
            return array.Shape.FirstOrDefault(1) > 0
                ? (text[..at], array) : throw HubException.Usage($"--rows: {text[(at + 1)..]} holds no row");
        }
        catch (QuantizerException fault)
        {
            throw HubException.Usage($"--rows: {fault.Message}");
        }
    }

    private static object Slice(string name, NpyArray array, long row, long count)
    {
        var width = (int)(array.Values.LongLength / array.Shape.FirstOrDefault(1));
        var values = array.Values.AsSpan((int)row * width, (int)count * width);
        return new
        {
            name, datatype = "FP32", shape = new[] { count }.Concat(array.Shape.Skip(1)).ToArray(),
            raw = MemoryMarshal.AsBytes(values).ToArray(),
        };
    }
}
