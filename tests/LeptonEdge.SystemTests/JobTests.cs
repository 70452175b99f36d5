using System.Globalization;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Sealing;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.SystemTests.Faults;
using LeptonEdge.SystemTests.Support;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests;

/// <summary>Long jobs with the hub, its worker and the command line as processes.</summary>
public sealed class JobTests : IDisposable
{
    private const string Tenant = "plant";
    private const int Samples = 150_000;
    private const int Window = 1024;
    private const int Hop = 4;
    private const double RateHz = 12_000;
    private const int SecondsMax = 120;

    private readonly TempFolder _folder = new();
    private readonly int _port = FaultFleet.FreePort();
    private readonly string _data;
    private readonly string _config;
    private readonly HubProbe _api;

    public JobTests()
    {
        _data = Directory.CreateDirectory(_folder.File("data")).FullName;
        _config = _folder.File("hub.yaml");
        _api = new HubProbe(_port, _data);
        File.WriteAllText(_config,
            $"""
            tenant: {Tenant}
            data_dir: {_data}
            models_dir: {Product.ModelsFolder}
            listen:
              https: 127.0.0.1:0
              http: 127.0.0.1:{_port}
              mqtt: 127.0.0.1:0

            """);
        Fill();
    }

    public void Dispose()
    {
        _api.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_hub_killed_in_the_middle_of_a_rescore_ends_it_after_the_restart_with_the_same_result()
    {
        using var first = await StartAsync();
        var (status, told, errors) = await LeptonAsync(["job", "submit", .. Rescore, "--watch"]);
        Assert.Equal((0, ""), (status, errors));
        Assert.StartsWith("job 1 done; rescore with bearing-fault-large/1.0.0, 100 % done", told);
        var expected = await ResultAsync("1");
        Assert.Equal((Samples - Window) / Hop + 1, expected.Length);

        Assert.Equal("2", (await OkAsync(["job", "submit", .. Rescore, "--key", "again"])).Trim());
        await Eventually.True(async () => await ItemsAsync(2) > 0, "the job has a part of its result", SecondsMax);
        var worker = Assert.Single(WorkersOf(first.Id));
        await first.KillAsync();
        await Eventually.True(() => !Directory.Exists($"/proc/{worker}"), "its worker ended with it", SecondsMax);
        using var second = await StartAsync();
        var items = await ItemsAsync(2);
        Assert.InRange(items, 1, expected.Length - 1);
        // The same key and work is the same job.
        Assert.Equal("2", (await OkAsync(["job", "submit", .. Rescore, "--key", "again"])).Trim());
        Assert.StartsWith("job 2 done", await OkAsync("job", "watch", "2"));
        Assert.Equal(expected, await ResultAsync("2"));
        Assert.Contains("from", second.Log.Split('\n').Last(line => line.Contains("Job 2 (rescore")));
        await second.StopAsync();
    }

    [Fact]
    public async Task The_command_line_lists_cancels_and_explains_jobs_and_gives_rows_to_models()
    {
        using var hub = await StartAsync();
        await OkAsync(["job", "submit", .. Rescore, "--priority", "9", "--deadline", "2h"]);
        Assert.StartsWith("job 1 cancelled: cancelled by an operator", await OkAsync("job", "cancel", "1"));
        Assert.Equal(7, (await LeptonAsync("job", "watch", "1")).Status);
        using var list = JsonDocument.Parse(await OkAsync("job", "list", "-o", "json"));
        var job = Assert.Single(list.RootElement.GetProperty("items").EnumerateArray());
        Assert.Equal(9, job.GetProperty("priority").GetInt32());
        Assert.Equal(
            7_200_000_000, job.GetProperty("deadlineMicros").GetInt64() - job.GetProperty("submittedMicros").GetInt64(),
            1_000_000.0);
        Assert.Matches(
            "1 +cancelled .* rescore +bearing-fault-large/1.0.0 +press-7 drive-end +9 ", await OkAsync("job", "list"));

        await WriteNpyAsync(_folder.File("rows.npy"), rows: 3, width: 2);
        var wrong = await LeptonAsync(
            "job", "submit", "model", "bearing-fault", "--rows", $"nothing={_folder.File("rows.npy")}");
        Assert.Equal((2, ""), (wrong.Status, wrong.Output));
        Assert.Contains("nothing", wrong.Errors);
        var (input, width) = InputOf("bearing-fault");
        await WriteNpyAsync(_folder.File("rows.npy"), rows: 3, width);
        Assert.StartsWith("job 2 done; model with bearing-fault/1.0.0, 100 % done, 3 in the result", await OkAsync(
            "job", "submit", "model", "bearing-fault", "--rows", $"{input}={_folder.File("rows.npy")}", "--watch"));
        using var rows = JsonDocument.Parse(await OkAsync("job", "result", "2", "-o", "json"));
        Assert.Equal(3, rows.RootElement.GetProperty("tensors")[0].GetProperty("shape")[0].GetInt32());

        foreach (var (arguments, status, names) in ((string[], int, string)[])[
            (["watch", "77"], 3, "77"), (["submit", "rescore", "press-7", "drive-end", "none"], 3, "rescore.model"),
            (["submit", .. Rescore[..4], "--deadline", "soon"], 2, "--deadline"),
            (["submit", "model", "bearing-fault"], 2, "--rows"), (["result", "2"], 2, "-o json")])
        {
            var refused = await LeptonAsync(["job", .. arguments]);
            Assert.Equal((status, ""), (refused.Status, refused.Output));
            Assert.Contains(names, refused.Errors);
        }

        await hub.StopAsync();
    }

    private static string[] Rescore =>
        ["rescore", "press-7", "drive-end", "bearing-fault-large", "--hop", Hop.ToString(CultureInfo.InvariantCulture)];

    private void Fill()
    {
        const int InBatch = 30_000;
        using var store = HubStore.Open(
            new HubStoreOptions { Path = Path.Combine(_data, "hub.db") }, TimeProvider.System);
        var random = new Random(7);
        for (var (at, sequence) = (0, 1ul); at < Samples; at += InBatch, sequence++)
        {
            var batch = new RecordBatch(RecordClass.Telemetry);
            for (var i = at; i < at + InBatch; i++)
                batch.AddReading(
                    new ChannelName("drive-end"), (long)Math.Round(i * 1e6 / RateHz),
                    (float)((0.3 * Math.Sin(i * 0.05)) + (0.2 * (random.NextDouble() - 0.5))));
            var header = new BatchHeader(
                new DeviceId("press-7"), 1, sequence, sequence, batch.Class, batch.Count, CreatedMicros: 1);
            Assert.IsType<IngestOutcome.Stored>(store.Ingest(new TenantId(Tenant), header, batch, sealedBytes: 100));
        }
    }

    private async Task<ServerProcess> StartAsync()
    {
        var hub = ServerProcess.Start(
            "hub", _folder.File("hub.log"), Product.Line("hub/LeptonEdge.Hub", "--config", _config));
        await Eventually.True(
            async () =>
            {
                using var answer = await _api.AskAsync("readyz");
                return answer?.IsSuccessStatusCode == true;
            },
            "the hub is ready", SecondsMax);
        return hub;
    }

    private async Task<long> ItemsAsync(long job)
    {
        using var answer = await _api.AskAsync($"api/v1/jobs/{job}");
        using var document = JsonDocument.Parse(await answer!.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("resultItems").GetInt64();
    }

    /// <summary>The lines behind the heading.</summary>
    private async Task<string[]> ResultAsync(string job)
    {
        var lines = (await OkAsync("job", "result", job)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("time_micros,label,score", lines[0]);
        return lines[1..];
    }

    private async Task<string> OkAsync(params string[] arguments)
    {
        var (status, output, errors) = await LeptonAsync(arguments);
        // Also no bar: nobody looks at a pipe.
        Assert.Equal((0, ""), (status, errors));
        return output;
    }

    private Task<(int Status, string Output, string Errors)> LeptonAsync(params string[] arguments) =>
        Product.LeptonAsync(SecondsMax, [
            .. arguments, "--hub", $"http://127.0.0.1:{_port}", "--token-file", Path.Combine(_data, "operator.token")]);

    private static IEnumerable<int> WorkersOf(int hub) => Directory.GetDirectories($"/proc/{hub}/task")
        .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static (string Name, int Width) InputOf(string model)
    {
        var manifest = Inference.Bundles.ModelBundle
            .Load(Path.Combine(Product.ModelsFolder, model, "1.0.0")).Manifest;
        return (manifest.Input.Name, manifest.Input.Width);
    }

    /// <summary>An array of float32 zeros, as NumPy saves it.</summary>
    private static Task WriteNpyAsync(string file, int rows, int width)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}\n";
        var text = System.Text.Encoding.ASCII.GetBytes(header);
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. text];
        return File.WriteAllBytesAsync(file, [.. start, .. new byte[rows * width * sizeof(float)]]);
    }
}
