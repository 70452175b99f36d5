using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference;

public sealed class ModelHostTests : IDisposable
{
    private static readonly float[,] Weights = { { 1, 2 }, { 0, 1 }, { -1, -3 } };

    private readonly TempFolder _folder = new();
    private readonly ModelHost _host = new(
        new ModelHostOptions { SessionsPerModel = 2, RowsPerRequestMax = 16 }, TimeProvider.System);

    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1L)]
    public async Task Rows_are_answered_in_order_whether_or_not_the_model_takes_many_at_once(long? batch)
    {
        _host.Deploy(Bundle("1.0.0", bias: 0.5f, batch), new ModelSessionOptions { RowsMax = 2 });
        var outputs = new float[6];
        var answered = Assert.IsType<InferenceResult.Answered>(
            await Infer([1, 2, 3, 4, 1, 1, 0, 0, 0], outputs));
        Assert.Equal([-1.5f, -5, 3.5f, 6, 0.5f, 0], outputs);
        Assert.Equal(3, answered.Rows);
        Assert.Equal("bearing-fault/1.0.0", answered.Model.ToString());

        var model = Assert.Single(_host.Models);
        Assert.Equal(1, model.Requests);
        Assert.True(model.P50 > TimeSpan.Zero && model.P50 <= model.P99);
    }

    [Fact]
    public async Task What_cannot_be_answered_is_a_result_that_says_why()
    {
        _host.Deploy(Bundle("1.0.0"), new ModelSessionOptions());
        var outputs = new float[64];
        Assert.IsType<InferenceResult.UnknownModel>(
            await _host.InferAsync("nothing", null, new float[3], outputs, default));
        Assert.IsType<InferenceResult.UnknownModel>(
            await _host.InferAsync("bearing-fault", "9", new float[3], outputs, default));
        Assert.IsType<InferenceResult.Answered>(
            await _host.InferAsync("bearing-fault", "1.0.0", new float[3], outputs, default));

        Assert.Contains("rows of 3 values, 4 values", Reason(await Infer(new float[4], outputs)));
        Assert.Contains("rows of 3 values, 0 values", Reason(await Infer([], outputs)));
        Assert.Contains("17 rows were given; at most 16", Reason(await Infer(new float[51], outputs)));
        Assert.Contains("room is for 1", Reason(await Infer(new float[3], new float[1])));
        Assert.Contains("row 1, value 2 is NaN", Reason(await Infer([1, 2, 3, 4, 5, float.NaN], outputs)));

        static string Reason(InferenceResult result) => Assert.IsType<InferenceResult.BadInput>(result).Reason;
    }

    [Fact]
    public async Task A_new_version_takes_over_under_load_without_one_request_failing()
    {
        _host.Deploy(Bundle("1", bias: 1), new ModelSessionOptions());
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var (output, answers) = (new float[2], 0);
            while (!stop.IsCancellationRequested)
            {
                var result = await Infer(new float[3], output);
                var answered = Assert.IsType<InferenceResult.Answered>(result);

                // The bias is the version, so a mixture of two versions would show.
                Assert.Equal(float.Parse(answered.Model.Version, null), output[0]);
                answers++;
            }

            return answers;
        })).ToArray();
        for (var version = 2; version <= 12; version++)
        {
            _host.Deploy(Bundle($"{version}", bias: version), new ModelSessionOptions());
            await Eventually.True(() => _host.Find("bearing-fault")!.Requests > 20, "the new version answers");
        }

        await stop.CancelAsync();
        foreach (var answers in await Task.WhenAll(callers))
            Assert.True(answers > 0);
        Assert.Equal("12", Assert.Single(_host.Models).Model.Version);
    }

    [Fact]
    public async Task A_new_version_that_does_not_load_leaves_the_old_one_answering()
    {
        _host.Deploy(Bundle("1"), new ModelSessionOptions());
        var folder = _folder.File("broken");
        TestBundle.Write(folder, manifest => manifest["version"] = "2", "not a model"u8.ToArray());
        Assert.Throws<ModelBundleException>(
            () => _host.Deploy(ModelBundle.Load(folder), new ModelSessionOptions()));
        Assert.IsType<InferenceResult.Answered>(await Infer(new float[3], new float[2]));
        Assert.Equal("1", _host.Find("bearing-fault")!.Model.Version);
    }

    [Fact]
    public async Task More_callers_than_may_wait_are_told_to_come_back()
    {
        using var host = new ModelHost(
            new ModelHostOptions { SessionsPerModel = 1, WaitingMax = 0 }, TimeProvider.System);

        // Large enough to take a while, so that callers overlap.
        var model = TinyOnnx.Mlp(width: 512, layers: 6, classes: 2);
        host.Deploy(ModelBundle.Load(TestBundle.Write(_folder.Path, manifest =>
        {
            manifest["input"] = TestBundle.Tensor("input", 512);
            manifest["window_samples"] = 512;
            manifest["transforms"]!.AsArray().Clear();
        }, model)), new ModelSessionOptions());
        var refused = 0;
        var answered = 0;
        async Task Call()
        {
            var output = new float[2048];
            while (Volatile.Read(ref refused) == 0)
            {
                var result = await host.InferAsync("bearing-fault", null, new float[512 * 500], output, default);
                if (result is InferenceResult.Busy busy && busy.RetryAfter >= TimeSpan.Zero)
                    Interlocked.Increment(ref refused);
                else if (result is InferenceResult.Answered)
                    Interlocked.Increment(ref answered);
                else
                    Assert.Fail($"neither answered nor refused: {result}");
            }
        }

        await Task.WhenAll(Task.Run(Call), Task.Run(Call), Task.Run(Call));
        Assert.True(refused > 0 && answered > 0);
    }

    [Fact]
    public async Task A_removed_model_is_unknown_and_a_disposed_host_takes_no_more()
    {
        _host.Deploy(Bundle("1"), new ModelSessionOptions());
        Assert.True(_host.Remove("bearing-fault"));
        Assert.False(_host.Remove("bearing-fault"));
        Assert.IsType<InferenceResult.UnknownModel>(await Infer(new float[3], new float[2]));
        _host.Dispose();
        Assert.Throws<InvalidOperationException>(() => _host.Deploy(Bundle("2"), new ModelSessionOptions()));
    }

    [Fact]
    public void No_more_models_are_loaded_than_may_be()
    {
        using var host = new ModelHost(new ModelHostOptions { ModelsMax = 1 }, TimeProvider.System);
        host.Deploy(Bundle("1"), new ModelSessionOptions());
        host.Deploy(Bundle("2"), new ModelSessionOptions());
        var other = ModelBundle.Load(TestBundle.Write(_folder.File("other"), manifest => manifest["name"] = "other"));
        Assert.Throws<InvalidOperationException>(() => host.Deploy(other, new ModelSessionOptions()));
    }

    private ValueTask<InferenceResult> Infer(float[] rows, float[] outputs) =>
        _host.InferAsync("bearing-fault", null, rows, outputs, default);

    private ModelBundle Bundle(string version, float bias = 0, long? batch = 1) => ModelBundle.Load(TestBundle.Write(
        _folder.File(version), manifest => manifest["version"] = version,
        TinyOnnx.Gemm(Weights, [bias, 0], relu: false, batch)));
}
