using System.Threading.Channels;
using Grpc.Core;

namespace LeptonEdge.Serving.Grpc;

/// <summary>The requests of one stream: several are under way at once, so that they can run together, and the replies
/// keep their order.</summary>
/// <param name="infer">Answers a request; told whether more are about to follow.</param>
internal sealed class InferenceStream(
    Func<InferCall, bool, Task<InferReply>> infer, IServerStreamWriter<InferReply> replies, int queueMax)
{
    // Together, the requests that have been read and not answered hold no more than one of the largest size.
    private const int BytesMax = 4 * 1024 * 1024;

    // A stream fills half of the queue at most.
    private const int AskedMax = 64;
    private static readonly WriteOptions s_moreFollows = new(WriteFlags.BufferHint);
    private static readonly WriteOptions s_atOnce = new();

    private readonly Channel<Asked> _asked = Channel.CreateBounded<Asked>(new BoundedChannelOptions(
        Math.Clamp(queueMax / 2, 1, AskedMax)) { SingleReader = true, SingleWriter = true });

    private readonly SemaphoreSlim _answered = new(0);
    private long _bytes;

    /// <summary>Answers until the stream ends.</summary>
    public async Task RunAsync(IAsyncStreamReader<InferCall> requests, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(stop);
        try
        {
            await ReadAsync(requests, stop.Token).ConfigureAwait(false);
            _asked.Writer.Complete();
        }
        catch (Exception fault)
        {
            _asked.Writer.Complete(fault);
        }

        await writing.ConfigureAwait(false);
    }

    private async Task ReadAsync(IAsyncStreamReader<InferCall> requests, CancellationToken cancellation)
    {
        var next = requests.MoveNext(cancellation);
        try
        {
            while (await next.ConfigureAwait(false))
            {
                var request = requests.Current;
                var bytes = request.Bytes;
                while (Interlocked.Read(ref _bytes) is > 0 and var held && held + bytes > BytesMax)
                    await _answered.WaitAsync(cancellation).ConfigureAwait(false);
                Interlocked.Add(ref _bytes, bytes);
                // One further is looked for before this one begins: alone it runs at once, else with what follows.
                next = requests.MoveNext(cancellation);
                var hasCompany = next.IsCompleted || _asked.Reader.Count > 0;
                var asked = new Asked(request, infer(request, hasCompany), bytes, hasCompany);
                await _asked.Writer.WriteAsync(asked, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            // The body belongs to the call: nothing may read it once the call is over.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(CancellationTokenSource stop)
    {
        try
        {
            while (await _asked.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_asked.Reader.TryRead(out var asked))
                {
                    var reply = await AnswerAsync(asked).ConfigureAwait(false);
                    // What is ready already leaves with it.
                    replies.WriteOptions =
                        _asked.Reader.TryPeek(out var next) && next.Answer.IsCompleted ? s_moreFollows : s_atOnce;
                    await replies.WriteAsync(reply).ConfigureAwait(false);
                    Interlocked.Add(ref _bytes, -asked.Bytes);
                    if (_answered.CurrentCount == 0)
                        _answered.Release();
                }
            }
        }
        finally
        {
            // Whoever reads is not to wait for a place that nobody makes.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<InferReply> AnswerAsync(Asked asked)
    {
        try
        {
            try
            {
                return await asked.Answer.ConfigureAwait(false);
            }
            catch (ServingException refused) when (
                asked.HadCompany && refused.Status == StatusCode.ResourceExhausted)
            {
                // Others of this stream may have stood before it; they have been answered now.
                return await infer(asked.Request, false).ConfigureAwait(false);
            }
        }
        catch (ServingException refused)
        {
            return new InferReply(asked.Request.ModelName, "", asked.Request.Id, [], refused.Message);
        }
    }

    private sealed record Asked(
        InferCall Request, Task<InferReply> Answer, long Bytes, bool HadCompany);
}
