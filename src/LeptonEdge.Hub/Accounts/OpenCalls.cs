using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Accounts;

/// <summary>Requests that are being answered. Some last for hours (live events, streams of calls): they end when the
/// session, token or account that they came with does, or may do less than it could.</summary>
internal sealed class OpenCalls : IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Call, byte> _calls = [];
    private readonly CallerReader _callers;
    private readonly AccountBook _book;
    private readonly ITimer _timer;

    public OpenCalls(CallerReader callers, AccountBook book, TimeProvider clock)
    {
        (_callers, _book) = (callers, book);
        book.Changed += Sweep;
        // What ends by itself nobody tells.
        _timer = clock.CreateTimer(_ => Sweep(), null, s_every, s_every);
    }

    public async Task RunAsync(HttpContext context, SignedIn signedIn, RequestDelegate next)
    {
        // The operator's token holds as long as the hub runs.
        if (signedIn.Account is null)
        {
            await next(context);
            return;
        }

        var call = new Call(context, signedIn);
        _calls.TryAdd(call, 0);
        try
        {
            await next(context);
        }
        finally
        {
            _calls.TryRemove(call, out _);
            call.End();
        }
    }

    public void Dispose()
    {
        _book.Changed -= Sweep;
        _timer.Dispose();
    }

    private void Sweep()
    {
        foreach (var call in _calls.Keys)
        {
            if (!_callers.StillHolds(call.SignedIn))
                call.Abort();
        }
    }

    // The server takes a context for the next request when this one ends: neither may touch it while the other does.
    private sealed class Call(HttpContext context, SignedIn signedIn)
    {
        private readonly Lock _gate = new();
        private bool _ended;

        public SignedIn SignedIn => signedIn;

        public void End()
        {
            lock (_gate)
                _ended = true;
        }

        public void Abort()
        {
            lock (_gate)
            {
                // One that has not begun to answer is quick, and may be the very change that this is about.
                if (!_ended && context.Response.HasStarted)
                    context.Abort();
            }
        }
    }
}
