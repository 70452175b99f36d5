using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using LeptonEdge.Hub.Jobs;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>Jobs beside interactive calls: a real hub, and the process that it runs jobs in.</summary>
public sealed class JobCalmTests : IAsyncLifetime
{
    private const string Model = "bearing-fault-large";

    // A stretch of a job that works freely has several thousand windows, one that is held back a step or two.
    private const int FewWindows = 4096;

    private readonly JobsHub _jobs = new(new JobsOptions { ShareMin = 0.02 });

    private CallBoard Calls => _jobs.Hub.Server.Services.GetRequiredService<CallBoard>();

    public Task InitializeAsync() => _jobs.InitializeAsync();

    public Task DisposeAsync() => _jobs.DisposeAsync();

    [Fact]
    public void What_the_hub_writes_on_the_board_the_other_end_reads()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var hub = CallBoard.Create();
        var worker = CallBoard.Open(hub.Descriptor);
        var before = worker.Read();
        Assert.False(before.UnderWay);
        hub.Begin();
        hub.Begin();
        Assert.True(worker.Read().UnderWay);
        hub.End();
        Assert.True(worker.Read().UnderWay);
        hub.End();
        var after = worker.Read();
        Assert.False(after.UnderWay);
        Assert.True(after.Since < before.Since, $"{after.Since} after {before.Since}");
    }

    [Fact]
    public async Task Every_call_to_a_model_is_on_the_board_until_it_ends_however_it_ends()
    {
        using var channel = Channel();
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel.CreateCallInvoker());
        var before = Calls.Read().Since;
        await client.ModelInferAsync(await RequestAsync(client));
        var answered = Calls.Read();
        Assert.False(answered.UnderWay);
        Assert.True(answered.Since < before, $"{answered.Since} after {before}");
        await Assert.ThrowsAsync<RpcException>(
            async () => await client.ModelInferAsync(new ModelInferRequest { ModelName = Model }));
        await Assert.ThrowsAsync<RpcException>(
            async () => await client.ModelInferAsync(new ModelInferRequest { ModelName = "nothing" }));
        Assert.False(Calls.Read().UnderWay);
    }

    [Fact]
    public async Task A_job_works_little_while_a_call_is_under_way_and_goes_on_when_it_has_ended()
    {
        var client = _jobs.Operator;
        Calls.Begin();
        var job = await client.SubmitAsync(JobsHub.Rescore(Model, hop: 2));
        await Eventually.True(
            async () => (await client.GetAsync(new JobReference { Id = job.Id })).ResultParts > 0,
            "its share of the time brought a part of the result", secondsMax: 120);
        var first = (await JobsHub.ResultAsync(client, job.Id))[0];
        Assert.InRange(first.Windows.Scores.Count, 1, FewWindows);
        Calls.End();
        var done = (await JobsHub.FollowAsync(client, job.Id))[^1];
        Assert.True(done.State == JobStateCode.Done, done.Reason);
        // That they were done freely shows in the stretches: they have many more windows.
        var parts = await JobsHub.ResultAsync(client, job.Id);
        Assert.Contains(parts, part => part.Windows.Scores.Count > first.Windows.Scores.Count);
    }

    [Fact]
    public async Task A_job_ends_while_calls_come_without_a_pause()
    {
        using var channel = Channel();
        var inference = new GRPCInferenceService.GRPCInferenceServiceClient(channel.CreateCallInvoker());
        var request = await RequestAsync(inference);
        var (client, calls) = (_jobs.Operator, 0);
        using var enough = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            for (; !enough.IsCancellationRequested; calls++)
                await inference.ModelInferAsync(request);
        });
        var job = await client.SubmitAsync(JobsHub.Rescore(Model, hop: 512));
        var done = (await JobsHub.FollowAsync(client, job.Id))[^1];
        await enough.CancelAsync();
        await load;
        Assert.True(done.State == JobStateCode.Done, done.Reason);
        Assert.True(calls > 0);
    }

    private GrpcChannel Channel() => GrpcChannel.ForAddress(
        _jobs.Hub.Https, new GrpcChannelOptions { HttpHandler = _jobs.Hub.TlsHandler(_jobs.Hub.Device("edge-calm")) });

    private static async Task<ModelInferRequest> RequestAsync(
        GRPCInferenceService.GRPCInferenceServiceClient client)
    {
        var input = (await client.ModelMetadataAsync(new ModelMetadataRequest { Name = Model })).Inputs[0];
        var width = input.Shape[^1];
        return new ModelInferRequest
        {
            ModelName = Model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = input.Name, Datatype = input.Datatype, Shape = { 1, width },
                },
            },
            RawInputContents = { ByteString.CopyFrom(new byte[width * sizeof(float)]) },
        };
    }
}
