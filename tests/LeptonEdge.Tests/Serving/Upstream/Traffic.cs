using System.Collections.Concurrent;
using Grpc.Core;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Tests.Serving.Upstream;

/// <summary>Callers who ask again as soon as they are answered, each time with a deadline of ten seconds.</summary>
internal sealed class Traffic(
    GRPCInferenceService.GRPCInferenceServiceClient client, Func<ModelInferRequest>? request = null)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private Task[] _callers = [];
    private int _answers;

    public int Answers => Volatile.Read(ref _answers);

    public ConcurrentQueue<string> Faults { get; } = [];

    public void Start(int callers) =>
        _callers = [.. Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync))];

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        _stop.Dispose();
    }

    private async Task CallAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var own = request?.Invoke() ?? UpstreamRequests.Bearing();
                await client.ModelInferAsync(own, deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Deadline);
                Interlocked.Increment(ref _answers);
            }
            catch (RpcException fault)
            {
                Faults.Enqueue(fault.Status.ToString());
            }
        }
    }
}
