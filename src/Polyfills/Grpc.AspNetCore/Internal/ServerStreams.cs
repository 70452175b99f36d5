using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The requests of a streaming call.</summary>
internal sealed class RequestStreamReader<T>(HttpContextServerCallContext call, Marshaller<T> marshaller)
    : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("No message: MoveNext found none.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        _current = await call.ReadRequestAsync(marshaller, cancellationToken).ConfigureAwait(false);
        return _current is not null;
    }
}

/// <summary>The responses of a streaming call.</summary>
internal sealed class ResponseStreamWriter<T>(HttpContextServerCallContext call, Marshaller<T> marshaller)
    : IServerStreamWriter<T>
    where T : class
{
    private int _writing;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _writing, 1) == 1)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        try
        {
            // The package ends the call when a write is given up half-way; so does this.
            using var gaveUp = cancellationToken.UnsafeRegister(
                static state => ((HttpContextServerCallContext)state!).HttpContext.Abort(), call);
            await call.WriteResponseAsync(marshaller, message, last: false).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }
}
