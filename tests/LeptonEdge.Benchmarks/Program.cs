using System.Text.Encodings.Web;
using System.Text.Json;
using LeptonEdge.Benchmarks;
using LeptonEdge.Benchmarks.Api;
using LeptonEdge.Benchmarks.Deadline;
using LeptonEdge.Benchmarks.Fleet;
using LeptonEdge.Benchmarks.Footprint;
using LeptonEdge.Benchmarks.Inferring;
using LeptonEdge.Benchmarks.Jobs;
using LeptonEdge.Benchmarks.Offload;
using LeptonEdge.Benchmarks.Placement;
using LeptonEdge.Benchmarks.Quantizing;
using LeptonEdge.Benchmarks.Splitting;
using LeptonEdge.Benchmarks.Web;

// One line for each benchmark.
IBenchmark[] benchmarks =
[
    new InferenceBenchmark(),
    new OffloadBenchmark(),
    new DeadlineBenchmark(),
    new JobsBenchmark(),
    new ModelsBenchmark(),
    new QuantizeBenchmark(),
    new SplitBenchmark(),
    new FleetBenchmark(),
    new FootprintBenchmark(),
    new PlacementBenchmark(),
    new PlacementFleetBenchmark(),
    new ReplanBenchmark(),
    new SealStoreBenchmark(),
    new IngestBenchmark(),
    new RecoverBenchmark(),
    new SimulateBenchmark(),
    new SyncBenchmark(),
    new CodecBenchmark(),
    new MqttBenchmark(),
    new WebBenchmark(),
    new ApiBenchmark(),
    new LiveBenchmark(),
];

var json = args.Contains("--json");
var rest = args.Where(argument => argument != "--json").ToArray();
if (rest.Length == 0 || benchmarks.FirstOrDefault(known => known.Name == rest[0]) is not { } benchmark)
{
    Console.Error.WriteLine(rest.Length == 0 ? "Which benchmark?" : $"There is no benchmark '{rest[0]}'.");
    Console.Error.WriteLine(
        "Usage: dotnet run -c Release --project tests/LeptonEdge.Benchmarks -- NAME [--json] [options]");
    foreach (var known in benchmarks)
        Console.Error.WriteLine($"  {known.Name,-16} {known.Summary}");
    return 2;
}

try
{
    var figures = await benchmark.RunAsync(rest[1..]);
    Report.WriteTable(Console.Out, benchmark.Name, figures);
    if (json)
    {
        // The bars hold signs such as ≤, which a console shows better than an escape.
        var readable = new BenchmarkJson(new JsonSerializerOptions(BenchmarkJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
        Console.WriteLine(JsonSerializer.Serialize(
            new BenchmarkReport(benchmark.Name, figures), readable.BenchmarkReport));
    }

    return 0;
}
catch (BenchmarkException e)
{
    Console.Error.WriteLine($"{benchmark.Name}: {e.Message}");
    return 1;
}
