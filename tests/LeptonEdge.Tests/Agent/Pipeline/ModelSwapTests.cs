using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Agent.Reconciling;
using LeptonEdge.Agent.Serving;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Inference;
using LeptonEdge.Tests.Storage;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Agent.Pipeline;

public sealed class ModelSwapTests : IDisposable
{
    private const int Swaps = 50;
    private const int WindowsPerSwap = 40;
    private const int UnderWayMax = 8;

    private readonly SwapRig _rig = new();

    [Theory]
    [InlineData("m/2")]
    [InlineData("m/wide")]
    public async Task Fifty_swaps_at_a_thousand_windows_a_second_miss_no_window(string other)
    {
        var (fed, answered, swapped) = (0L, 0L, false);
        var retired = new List<LocalModel>();
        var swapping = Task.Run(async () =>
        {
            for (var i = 0; i < Swaps; i++)
            {
                retired.Add(_rig.Workload.Model);
                _rig.Models.Bring(_rig.Workload, i % 2 == 0 ? other : "m/1");
                var seen = Interlocked.Read(ref fed);
                await Eventually.True(() => Interlocked.Read(ref fed) >= seen + WindowsPerSwap, "windows between swaps");
            }

            Volatile.Write(ref swapped, true);
        });
        var feeding = Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (!Volatile.Read(ref swapped) && await pace.WaitForNextTickAsync())
            {
                // A test machine that stands still must not be taken for a swap that misses windows.
                if (fed - Interlocked.Read(ref answered) < UnderWayMax)
                    _rig.Take(Interlocked.Increment(ref fed) - 1);
            }
        });

        var versions = new Dictionary<string, int>();
        while (!feeding.IsCompleted || answered < fed)
        {
            if (!_rig.Queue.Reader.TryRead(out var answer))
            {
                Assert.False(swapping.IsFaulted, swapping.Exception?.ToString());
                await Task.Yield();
                continue;
            }

            // One verdict for each window, in order, from the version whose word it is.
            Assert.Equal(answered, answer.TimeMicros);
            Assert.Equal(answer.Model.Version == "1" ? "normal" : "ball", answer.Finding.Label);
            versions[answer.Model.ToString()] = versions.GetValueOrDefault(answer.Model.ToString()) + 1;
            Interlocked.Increment(ref answered);
        }

        await Task.WhenAll(swapping, feeding);
        Assert.Equal((0, 0), (_rig.Workload.Shed, _rig.Workload.Failed));
        Assert.Equal(["m/1", other], versions.Keys.Order(StringComparer.Ordinal));
        Assert.True(fed >= Swaps * WindowsPerSwap);
        Assert.Equal(Swaps, retired.Count);
        await Eventually.True(() => _rig.Workload.IsIdle, "the last window's end");
        Assert.All(retired, model => Assert.False(model.TryEnter(), $"{model.Reference} was not let go"));
    }

    [Theory]
    [InlineData("m/none", "manifest.json")]
    [InlineData("m/cut", "copy the bundle again")]
    [InlineData("m/truncated", "model.int8.onnx")]
    [InlineData("m/nan", "NaN")]
    [InlineData("m/input", "input")]
    [InlineData("m/rate", "at 6000 Hz")]
    [InlineData("../m", "must start with")]
    [InlineData("m", "is not a model and its version")]
    public async Task A_model_that_cannot_be_used_leaves_the_one_in_service(
        string wanted, string reason)
    {
        var model = SwapRig.Saying(0, 5);
        File.WriteAllBytes(Path.Combine(_rig.Write("cut", model), "model.int8.onnx"), model[..^7]);
        _rig.Write("truncated", model[..^7]);
        _rig.Write("nan", SwapRig.Saying(float.NaN, 5));
        _rig.Write("input", TinyOnnx.Gemm(new float[5, 2], [0, 5], relu: false));
        _rig.Write("rate", model, manifest => manifest["sample_rate_hz"] = 6000);

        _rig.Models.Bring(_rig.Workload, wanted);

        var answer = await _rig.TakeAsync(1);
        Assert.Equal(("m/1", "normal"), (answer.Model.ToString(), answer.Finding.Label));
        Assert.StartsWith($"{wanted}: ", _rig.Workload.ModelRefused);
        Assert.Contains(reason, _rig.Workload.ModelRefused);

        _rig.Models.Bring(_rig.Workload, "m/2");
        answer = await _rig.TakeAsync(2);
        Assert.Equal(("m/2", "ball", ""), (answer.Model.ToString(), answer.Finding.Label, _rig.Workload.ModelRefused));
    }

    [Fact]
    public void An_agent_starts_offline_with_the_models_of_its_last_desired_state()
    {
        using var fixture = new OutboxFixture();
        using var outbox = fixture.Open();
        var desired = new DesiredState
        {
            Version = 7, Workloads = { new DesiredWorkload { Workload = "bearing", Model = "m/2" } },
        };
        NewReconciler(_rig.Workload).Take(desired);

        var afterRestart = _rig.NewWorkload();
        NewReconciler(afterRestart).Restore();
        Assert.Equal("m/2", afterRestart.Model.Reference.ToString());
        afterRestart.Dispose();

        File.Delete(Path.Combine(_rig.Write("2", SwapRig.Saying(0, 5)), "model.int8.onnx"));
        var afterLoss = _rig.NewWorkload();
        NewReconciler(afterLoss).Restore();
        Assert.Equal("m/1", afterLoss.Model.Reference.ToString());
        Assert.Contains("model.int8.onnx", afterLoss.ModelRefused);
        afterLoss.Dispose();

        Reconciler NewReconciler(WorkloadRunner workload) =>
            new([workload], _rig.Models, outbox.State, new GuestBook(), new UsageMeter(default, TimeProvider.System),
                TimeProvider.System, NullLogger<Reconciler>.Instance);
    }

    [Fact]
    public async Task Desired_models_are_brought_once_and_an_empty_wish_brings_the_configured_one_back()
    {
        using var fixture = new OutboxFixture();
        using var outbox = fixture.Open();
        var reconciler = new Reconciler(
            [_rig.Workload], _rig.Models, outbox.State, new GuestBook(), new UsageMeter(default, TimeProvider.System),
            TimeProvider.System, NullLogger<Reconciler>.Instance);
        await WantAsync(1, "m/2");
        Assert.Equal("m/2", _rig.Workload.Model.Reference.ToString());
        await WantAsync(2, "m/gone");
        Assert.Equal("m/2", _rig.Workload.Model.Reference.ToString());
        Assert.StartsWith("m/gone: ", _rig.Workload.ModelRefused);
        await WantAsync(3, "");
        Assert.Equal("m/1", _rig.Workload.Model.Reference.ToString());
        Assert.Equal("", _rig.Workload.ModelRefused);

        async Task WantAsync(ulong version, string model)
        {
            reconciler.Take(new DesiredState
            {
                Version = version, Workloads = { new DesiredWorkload { Workload = "bearing", Model = model } },
            });
            await reconciler.SettleAsync(default);
            Assert.True(reconciler.IsSettled);
        }
    }

    [Fact]
    public void A_window_from_sensor_to_finding_allocates_nothing()
    {
        var model = _rig.Workload.Model;
        var features = new float[model.FeatureCount];
        Infer(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Infer(1_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(2_000, model.Latency.Count);

        void Infer(int windows)
        {
            for (var i = 0; i < windows; i++)
            {
                Assert.True(model.TryEnter());
                model.Transform(SwapRig.Window, features);
                model.Infer(features);
                model.Leave();
            }
        }
    }

    [Fact]
    public void A_provider_that_this_machine_lacks_is_passed_over_with_its_reason()
    {
        var bundle = ModelBundle.Load(_rig.Write("3", SwapRig.Saying(5, 0)));
        using var model = new LocalModel(
            bundle, new LeptonEdge.Agent.Configuration.LaneSettings { ExecutionProviders = ["TensorRT", "OpenVINO"] });
        Assert.Equal("CPU", model.ExecutionProvider);
        Assert.Equal(["TensorRT", "OpenVINO"], model.ProvidersPassedOver.Select(reason => reason.Split(':')[0]));
    }

    public void Dispose() => _rig.Dispose();
}
