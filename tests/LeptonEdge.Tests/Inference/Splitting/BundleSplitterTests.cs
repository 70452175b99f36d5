using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Net.Client;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Splitting;

public sealed class BundleSplitterTests : IDisposable
{
    private static readonly ModelVariant[] s_both = [ModelVariant.Int8, ModelVariant.Fp32];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bundle_becomes_two_whose_manifests_say_what_crosses()
    {
        Split("l1.a");
        var (first, second) = (Stage(1), Stage(2));
        Assert.Equal("bearing-fault/1.0.0", first.Manifest.Stage!.Whole.ToString());
        Assert.Equal((1, 2), (first.Manifest.Stage.Index, second.Manifest.Stage!.Index));
        Assert.Equal(1024, first.Manifest.TransformSamples);
        Assert.Equal(64, first.Manifest.CreateTransforms().OutputLength);
        Assert.Equal(["normal", "inner-race", "ball", "outer-race"], second.Manifest.Classes);
        foreach (var stage in new[] { first.Manifest.Stage, second.Manifest.Stage })
        {
            var int8 = Assert.Single(stage.Cut[ModelVariant.Int8]);
            Assert.Equal(("l1.q", TensorType.UInt8), (int8.Name, int8.Type));
            Assert.Equal([-1, 448], int8.Shape);
            var fp32 = Assert.Single(stage.Cut[ModelVariant.Fp32]);
            Assert.Equal(("l1.a", TensorType.Float32), (fp32.Name, fp32.Type));
        }
    }

    [Theory]
    [InlineData(ModelVariant.Int8, 448)]
    [InlineData(ModelVariant.Fp32, 1792)]
    public void Both_stages_give_the_whole_models_output_bit_for_bit(ModelVariant variant, int bytes)
    {
        Split("l1.a");
        var options = new ModelSessionOptions { Variant = variant };
        using var whole = ModelSession.Open(ShippedModels.Load("bearing-fault"), options);
        using var first = StageSession.Open(Stage(1), options);
        using var second = TensorModel.Open(Stage(2), options);
        Assert.Equal(bytes, first.OutputBytes);
        Assert.Equal("bearing-fault-stage2/1.0.0", first.Second.ToString());
        var random = new Random(4);
        for (var run = 0; run < 50; run++)
        {
            foreach (ref var value in whole.Input)
                value = (float)((random.NextDouble() * 6) - 3);
            whole.Input.CopyTo(first.Input);
            whole.Run();
            first.Run();
            var output = second.Run(first.Outputs, ["output"])[0];
            Assert.Equal(whole.Output[..4].ToArray(), MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
        }
    }

    [Fact]
    public void A_first_stage_runs_without_allocating()
    {
        Split("l1.a");
        using var first = StageSession.Open(Stage(1), new ModelSessionOptions());
        first.Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            first.Input[i % 64] = i;
            first.Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task The_hub_serves_a_second_stage_like_any_model()
    {
        Split("l1.a");
        await using var hub = new StageHub(_folder.Path);
        await hub.Hub.InitializeAsync();
        using var channel = GrpcChannel.ForAddress(
            hub.Hub.Https, new GrpcChannelOptions { HttpHandler = hub.Hub.TlsHandler(hub.Hub.Device("edge-split")) });
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        using var whole = ModelSession.Open(
            ShippedModels.Load("bearing-fault"), new ModelSessionOptions { Variant = ModelVariant.Int8 });
        using var first = StageSession.Open(Stage(1), new ModelSessionOptions());
        whole.Input.Fill(0.25f);
        whole.Input.CopyTo(first.Input);
        whole.Run();
        first.Run();
        var metadata = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = first.Second.Name });
        Assert.Equal(("l1.q", "UINT8"), (metadata.Inputs[0].Name, metadata.Inputs[0].Datatype));
        var request = new ModelInferRequest { ModelName = first.Second.Name, ModelVersion = first.Second.Version };
        foreach (var tensor in first.Outputs)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = tensor.Name, Datatype = tensor.Type.Name(), Shape = { tensor.Shape },
            });
            request.RawInputContents.Add(ByteString.CopyFrom(tensor.Data.Span));
        }

        var reply = await client.ModelInferAsync(request);
        Assert.Equal(
            whole.Output[..4].ToArray(),
            MemoryMarshal.Cast<byte, float>(reply.RawOutputContents[0].Span).ToArray());
    }

    [Fact]
    public void A_stage_is_no_model_by_itself_on_the_device()
    {
        Split("l1.a");
        var fault = Assert.Throws<ModelBundleException>(() => ModelSession.Open(Stage(1), new ModelSessionOptions()));
        Assert.Contains("this is stage 1 of bearing-fault/1.0.0", fault.Message);
        fault = Assert.Throws<ModelBundleException>(() => StageSession.Open(Stage(2), new ModelSessionOptions()));
        Assert.Contains("only a first stage runs here", fault.Message);
        var again = Assert.Throws<SplitException>(() => new BundleSplitter(Stage(1), s_both));
        Assert.Contains("is stage 1 of bearing-fault/1.0.0", again.Message);
    }

    [Fact]
    public void A_stage_that_is_not_the_manifests_is_refused()
    {
        Split("l1.a");
        Spoil(1, manifest => manifest["stage"]!["cut"]!["int8"]![0]!["type"] = "int8");
        var fault = Assert.Throws<ModelBundleException>(
            () => StageSession.Open(Stage(1), new ModelSessionOptions { Variant = ModelVariant.Int8 }));
        Assert.Contains("'l1.q' is UINT8 [-1, 448], the manifest says INT8 [1, 448]", fault.Message);
        Spoil(2, manifest => manifest["stage"]!["cut"]!["fp32"]![0]!["name"] = "other");
        fault = Assert.Throws<ModelBundleException>(
            () => TensorModel.Open(Stage(2), new ModelSessionOptions { Variant = ModelVariant.Fp32 }));
        Assert.Contains("has no 'other', only l1.a", fault.Message);
    }

    [Fact]
    public void Every_fault_of_a_stage_is_named()
    {
        Split("l1.a");
        Spoil(1, manifest =>
        {
            var stage = manifest["stage"]!;
            stage["of"] = "nothing";
            stage["index"] = 3;
            stage["cut"]!["fp32"] = new JsonArray();
            var tensor = stage["cut"]!["int8"]![0]!;
            tensor["name"] = "";
            tensor["type"] = "text";
            tensor["shape"] = new JsonArray(-1, -1);
            stage["cut"]!["int4"] = new JsonArray();
        });
        var faults = Assert.Throws<ModelBundleException>(() => Stage(1)).Faults;
        string[] fields =
        [
            "stage.of", "stage.index", "stage.cut.fp32", "stage.cut.int8[0].name", "stage.cut.int8[0].type",
            "stage.cut.int8[0].shape", "stage.cut.int4",
        ];
        foreach (var field in fields)
            Assert.Contains(faults, fault => fault.StartsWith($"manifest.json: {field}: ", StringComparison.Ordinal));
        Assert.Equal(fields.Length, faults.Count);
    }

    [Fact]
    public void A_version_that_is_there_is_never_written_over()
    {
        Split("l1.a");
        Assert.Contains("is there already", Assert.Throws<SplitException>(() => Split("l0.a")).Message);
    }

    private void Split(string at)
    {
        var splitter = new BundleSplitter(ShippedModels.Load("bearing-fault"), s_both);
        var variants = s_both.Select(variant => splitter.Split(variant, [at], runs: 4)).ToArray();
        Assert.All(variants, variant => Assert.True(variant.Proof.IsExact));
        splitter.Write(_folder.Path, variants);
    }

    private ModelBundle Stage(int index) => ModelBundle.Load(
        _folder.Path, new ModelReference($"bearing-fault-stage{index}", "1.0.0"));

    private void Spoil(int index, Action<JsonNode> spoil)
    {
        var file = _folder.File($"bearing-fault-stage{index}/1.0.0/manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(file))!;
        spoil(manifest);
        File.WriteAllText(file, manifest.ToJsonString());
    }

    private sealed class StageHub(string models) : IAsyncDisposable
    {
        public HubUnderTest Hub { get; } = new() { ModelsFolder = models };

        public async ValueTask DisposeAsync() => await Hub.DisposeAsync();
    }
}
