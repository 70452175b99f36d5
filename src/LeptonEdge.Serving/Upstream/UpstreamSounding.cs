using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Upstream;

/// <summary>Calls that nobody waits for, all zeros: so a plan knows what a model takes at a server before the first window
/// is sent there, and while none is.</summary>
internal sealed class UpstreamSounding(UpstreamPool pool, UpstreamServer server, TimeProvider clock)
{
    // The first calls of a model wait for what the server prepares only once.
    private const int WarmUpCalls = 3;
    private const int CallsMax = 40;
    private const long BytesMax = 4 * 1024 * 1024;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _triedAt = [];
    private Task _running = Task.CompletedTask;

    /// <summary>Begins what is due, unless the last round is still under way.</summary>
    public void Begin(CancellationToken stopping)
    {
        if (pool.Options.Health.SoundEvery > TimeSpan.Zero && _running.IsCompleted)
            _running = RunAsync(stopping);
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        foreach (var model in pool.Wanted.Where(IsDue))
        {
            _triedAt[model] = clock.GetTimestamp();
            try
            {
                if (await RequestAsync(model, stopping).ConfigureAwait(false) is { } request)
                    await SoundAsync(model, request, stopping).ConfigureAwait(false);
            }
            catch (ServingException)
            {
                // It does not describe the model now: the next round tries again.
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private bool IsDue(string model)
    {
        if (server.IsReady(model) != true || server.IsEjected)
            return false;
        var every = pool.Options.Health.SoundEvery;
        var pace = pool.PaceOf(model);
        return (!pace.IsSure || pace.Age > every)
            && (!_triedAt.TryGetValue(model, out var at) || clock.GetElapsedTime(at) > every);
    }

    /// <summary>Many calls while nothing is known of the model, else one.</summary>
    private async Task SoundAsync(string model, ModelInferRequest request, CancellationToken stopping)
    {
        var pace = pool.PaceOf(model);
        var (from, first) = (clock.GetTimestamp(), pace.IsSure ? 0 : WarmUpCalls);
        for (var call = 0; call < CallsMax && clock.GetElapsedTime(from) < TimeMax; call++)
        {
            if (!server.TryTake())
                return;
            var start = clock.GetTimestamp();
            var timeout = pool.Options.Timeout < TimeMax ? pool.Options.Timeout : TimeMax;
            var options = new CallOptions(
                UpstreamChannel.HeadersFor(pool.Token, default), clock.GetUtcNow().UtcDateTime + timeout);
            var inFlight = server.InFlight;
            var attempt = await server.AskAsync(
                client => client.ModelInferAsync(request, options), isInference: true, stopping).ConfigureAwait(false);
            if (attempt.Reply is not { } reply)
                return;
            var taken = clock.GetElapsedTime(start);
            pool.Meter(new ServedWork("", "", model, reply.ModelVersion, true, 1, taken, true, BytesOf(request, reply)));
            if (call < first)
                continue;
            pace.Record(taken);
            server.Width.Observe(model, inFlight, taken.TotalSeconds);
            if (pace.IsSure)
                return;
        }
    }

    private async Task<ModelInferRequest?> RequestAsync(string model, CancellationToken stopping)
    {
        var metadata = await pool.DescribeAsync(model, "", default, stopping).ConfigureAwait(false);
        var request = new ModelInferRequest { ModelName = model };
        foreach (var input in metadata.Inputs)
        {
            if (!TensorTypes.TryParse(input.Datatype, out var type))
                return null;
            var shape = input.Shape.Select(dimension => dimension < 0 ? 1 : dimension).ToArray();
            // An empty text takes the four bytes of its length.
            var element = type == TensorType.Bytes ? sizeof(uint) : type.ElementBytes();
            var bytes = shape.Aggregate((long)element, static (product, dimension) =>
                dimension <= BytesMax ? Math.Min(product * dimension, BytesMax + 1) : BytesMax + 1);
            if (bytes > BytesMax)
                return null;
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = input.Name, Datatype = input.Datatype, Shape = { shape },
            });
            request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(new byte[bytes]));
        }

        return request;
    }

    private static long BytesOf(ModelInferRequest request, ModelInferResponse reply) =>
        request.RawInputContents.Sum(raw => (long)raw.Length) + reply.RawOutputContents.Sum(raw => (long)raw.Length);
}
