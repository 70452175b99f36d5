using System.Globalization;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Quantizing;

namespace LeptonEdge.Benchmarks.Quantizing;

/// <summary>Windows for one model: those to calibrate on, and those held out of its training.</summary>
/// <param name="Calibration">Training windows, as the model takes them.</param>
/// <param name="Test">Held-out windows with what they are: classes, or values.</param>
internal sealed record ModelData(WindowSet Calibration, WindowSet Test)
{
    private const int CalibrationMax = 1500;
    private const int FlightsRul = 125;
    private const int SkabLead = 400;
    private static readonly int[] TurbofanColumns = [6, 7, 8, 11, 12, 13, 15, 16, 17, 18, 19, 21, 24, 25];

    /// <summary>Bearing recordings, split by recording as the training scripts split them.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="split">"load": 1797 rpm for training, 1772 for test; "diameter": 14 thousandths for test.</param>
    /// <param name="root">The recordings' folder.</param>
    public static ModelData Bearing(ModelBundle bundle, string split, string root)
    {
        var (train, test) = (new Windows(bundle), new Windows(bundle));
        foreach (var file in Directory.GetFiles(Path.Combine(root, "cwru"), "*.npy").Order(StringComparer.Ordinal))
        {
            var samples = NpyArray.Read(file).Values;
            var parts = Path.GetFileNameWithoutExtension(file).Split('_');
            var kind = parts[1] switch { "Normal" => 0, "IR" => 1, "B" => 2, _ => 3 };
            if (kind == 0)
            {
                var cut = samples.Length * 2 / 3;
                train.Cut(samples.AsSpan(0, cut), kind);
                test.Cut(samples.AsSpan(cut), kind);
            }
            else
            {
                var isTest = split == "load" ? parts[0] == "1772" : parts[2] == "14";
                (isTest ? test : train).Cut(samples, kind);
            }
        }

        return new ModelData(train.ToSet().Spread(CalibrationMax) with { Labels = null }, test.ToSet());
    }

    /// <summary>Turbofan engines: windows of 30 flights; the test engines' last one, with the wear that it
    /// is.</summary>
    public static ModelData Turbofan(ModelBundle bundle, string root)
    {
        var rows = bundle.Manifest.WindowSamples;
        var (train, test) = (new Windows(bundle), new Windows(bundle));
        foreach (var engine in Engines(Path.Combine(root, "cmapss", "train_FD001.txt")))
        {
            for (var end = rows; end <= engine.Count; end++)
                train.Add([.. engine.Skip(end - rows).Take(rows).SelectMany(row => row)], 0);
        }

        var left = File.ReadAllLines(Path.Combine(root, "cmapss", "RUL_FD001.txt")).Select(Number).ToArray();
        foreach (var (engine, i) in Engines(Path.Combine(root, "cmapss", "test_FD001.txt")).Select((e, i) => (e, i)))
        {
            if (engine.Count >= rows)
                test.Add(
                    [.. engine.TakeLast(rows).SelectMany(row => row)],
                    1 - (Math.Min(left[i], FlightsRul) / FlightsRul));
        }

        return new ModelData(train.ToSet().Spread(CalibrationMax) with { Labels = null }, test.ToSet());
    }

    /// <summary>Runs of a pump rig: windows of 32 rows, each sensor in deviations from its run's sound start; a window
    /// is faulty when its last row is labelled.</summary>
    public static ModelData Pump(ModelBundle bundle, string root)
    {
        var tests = bundle.Manifest.Metrics!.Value.GetProperty("splits")[0].GetProperty("test").EnumerateArray()
            .Select(test => test.GetString()).ToArray();
        var (train, test) = (new Windows(bundle), new Windows(bundle));
        var folder = Path.Combine(root, "skab");
        foreach (var file in Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Where(file => Path.GetFileName(file) != "anomaly-free.csv"))
        {
            var isTest = tests.Contains(Path.GetRelativePath(folder, file));
            var cells = File.ReadLines(file).Skip(1).Select(line => line.Split(';')).ToArray();
            var rows = Relative(cells.Select(row => row.Skip(1).Take(8).Select(Number).ToArray()).ToArray());
            for (var end = SkabLead; end <= rows.Length; end += isTest ? 2 : 1)
                (isTest ? test : train).Add(
                    [.. rows[(end - bundle.Manifest.WindowSamples)..end].SelectMany(row => row)],
                    Number(cells[end - 1][^2]) > 0 ? 1 : 0);
        }

        return new ModelData(train.ToSet().Spread(CalibrationMax) with { Labels = null }, test.ToSet());
    }

    private static float[][] Relative(float[][] rows)
    {
        var result = rows.Select(row => new float[row.Length]).ToArray();
        for (var sensor = 0; sensor < rows[0].Length; sensor++)
        {
            var lead = rows.Take(SkabLead).Select(row => (double)row[sensor]).ToArray();
            var mean = lead.Average();
            var deviation = Math.Max(Math.Sqrt(lead.Sum(value => (value - mean) * (value - mean)) / lead.Length), 1e-3);
            for (var row = 0; row < rows.Length; row++)
                result[row][sensor] = (float)Math.Clamp((rows[row][sensor] - mean) / deviation, -8, 8);
        }

        return result;
    }

    private static IEnumerable<List<float[]>> Engines(string file) => File.ReadLines(file)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(cells => cells.Length > 25)
        .GroupBy(cells => cells[0])
        .Select(engine => engine.Select(cells => Array.ConvertAll(
            TurbofanColumns, column => Number(cells[column]))).ToList());

    private static float Number(string text) => (float)double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Windows in the making, each through the model's transforms.</summary>
    private sealed class Windows(ModelBundle bundle)
    {
        private readonly Core.Signals.TransformChain _chain = bundle.Manifest.CreateTransforms();
        private readonly List<float> _values = [];
        private readonly List<float> _labels = [];

        public void Cut(ReadOnlySpan<float> samples, float label)
        {
            var size = bundle.Manifest.WindowSamples;
            for (var at = 0; at + size <= samples.Length; at += size)
                Add(samples.Slice(at, size), label);
        }

        public void Add(ReadOnlySpan<float> window, float label)
        {
            var features = new float[bundle.Manifest.Input.Width];
            _chain.Apply(window, features);
            _values.AddRange(features);
            _labels.Add(label);
        }

        public WindowSet ToSet() => new(
            [.. _values], bundle.Manifest.Input.Width, [.. _labels], 1, bundle.Manifest.Classes.Count > 0);
    }
}
