using System.Runtime.InteropServices;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Pipeline;
using LeptonEdge.Core.Plans;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Splitting;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Tests.Models;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Offload;

public sealed class SplitTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public SplitTests()
    {
        var splitter = new BundleSplitter(ShippedModels.Load("bearing-fault"), [ModelVariant.Int8]);
        splitter.Write(_folder.Path, [splitter.Split(ModelVariant.Int8, ["l1.q"], runs: 1)]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_hubs_half_of_a_split_model_finds_what_the_whole_one_finds()
    {
        using var second = TensorModel.Open(Stage(2), new ModelSessionOptions());
        await using var rig = await StartAsync();
        rig.Hub.Answer = request => Run(second, request);

        var answer = await rig.TakeAsync();

        Assert.Equal((Place.Hub, "bearing-fault-stage2/1.0.0"), (answer.Place, answer.Model.ToString()));
        Assert.Equal((1L, 0), (rig.Question.Tally.SplitAnswers, (int)rig.Workload.InferencesLocal));
        // 448 bytes instead of 256: this model is small. What counts is that they are the first layers' output.
        var sent = Assert.Single(rig.Hub.LastRequest!.Inputs);
        Assert.Equal(("l1.q", "UINT8"), (sent.Name, sent.Datatype));
        Assert.Equal(rig.Question.WindowBytes, rig.Hub.LastRequest.RawInputContents[0].Length);
        rig.Workload.Route = WorkloadRoute.Local;
        Assert.Equal((await rig.TakeAsync()).Finding, answer.Finding);
    }

    [Fact]
    public async Task The_devices_own_model_answers_when_the_hub_stays_silent()
    {
        await using var rig = await StartAsync();
        rig.Hub.Before = context => Task.Delay(Timeout.Infinite, context.CancellationToken);

        var answer = await rig.TakeAsync();

        Assert.Equal((Place.Local, "bearing-fault/1.0.0"), (answer.Place, answer.Model.ToString()));
        Assert.False(answer.Late, $"answered after {answer.LatencyMicros} µs");
        Assert.Equal((1, 0L), ((int)rig.Workload.Fallbacks, rig.Question.Tally.SplitAnswers));
    }

    [Fact]
    public async Task A_hub_that_cannot_answer_in_time_costs_not_even_the_first_layers()
    {
        await using var rig = await StartAsync();
        rig.Question.Pace.Record(OffloadRig.Patience);

        Assert.Equal(Place.Local, (await rig.TakeAsync()).Place);

        Assert.Equal(0, rig.Workload.Fallbacks);
    }

    private Task<OffloadRig> StartAsync() => OffloadRig.StartAsync(
        OffloadMode.Split, first: new FirstStage(Stage(1), new LaneSettings()));

    private ModelBundle Stage(int index) =>
        ModelBundle.Load(Path.Combine(_folder.Path, $"bearing-fault-stage{index}", "1.0.0"));

    private static float[] Run(TensorModel model, ModelInferRequest request)
    {
        var inputs = request.Inputs.Select((input, i) =>
        {
            Assert.True(TensorTypes.TryParse(input.Datatype, out var type));
            return new Tensor
            {
                Name = input.Name, Type = type, Shape = [.. input.Shape],
                Data = request.RawInputContents[i].ToByteArray(),
            };
        });
        return MemoryMarshal.Cast<byte, float>(model.Run([.. inputs], ["output"])[0].Data.Span).ToArray();
    }
}
