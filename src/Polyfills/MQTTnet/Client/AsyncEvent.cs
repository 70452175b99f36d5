namespace MQTTnet.Internal;

/// <summary>An event whose handlers are awaited one after the other, in the order they were added.</summary>
internal sealed class AsyncEvent<TArgs>
{
    private volatile Func<TArgs, Task>[] _handlers = [];

    public bool HasHandlers => _handlers.Length > 0;

    public void Add(Func<TArgs, Task> handler)
    {
        lock (this)
            _handlers = [.. _handlers, handler];
    }

    public void Remove(Func<TArgs, Task> handler)
    {
        lock (this)
            _handlers = [.. _handlers.Where(h => h != handler)];
    }

    public async Task InvokeAsync(TArgs args)
    {
        foreach (var handler in _handlers)
            await handler(args).ConfigureAwait(false);
    }
}
