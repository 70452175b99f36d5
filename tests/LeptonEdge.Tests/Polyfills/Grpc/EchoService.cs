using System.Text;
using Grpc.Core;

namespace LeptonEdge.Tests.Polyfills.GrpcPeers;

/// <summary>The methods that every peer in tests/peers serves and calls too: messages are UTF-8 text.</summary>
public static class Echo
{
    public const string Service = "lepton.test.Echo";

    public static readonly Method<string, string> Unary = Text(MethodType.Unary, "Unary");
    public static readonly Method<string, string> Collect = Text(MethodType.ClientStreaming, "Collect");
    public static readonly Method<string, string> Count = Text(MethodType.ServerStreaming, "Count");
    public static readonly Method<string, string> Chat = Text(MethodType.DuplexStreaming, "Chat");

    public static void BindService(ServiceBinderBase binder, EchoBase? service)
    {
        binder.AddMethod(Unary, service is null ? null : new UnaryServerMethod<string, string>(service.Unary));
        binder.AddMethod(Collect, service is null
            ? null
            : new ClientStreamingServerMethod<string, string>(service.Collect));
        binder.AddMethod(Count, service is null
            ? null
            : new ServerStreamingServerMethod<string, string>(service.Count));
        binder.AddMethod(Chat, service is null ? null : new DuplexStreamingServerMethod<string, string>(service.Chat));
    }

    public static Method<string, string> Text(MethodType type, string name) =>
        new(type, Service, name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);
}

/// <summary>Shaped as Grpc.Tools shapes a service base.</summary>
[BindServiceMethod(typeof(Echo), "BindService")]
public abstract class EchoBase
{
    public virtual Task<string> Unary(string request, ServerCallContext context) => throw Unimplemented();

    public virtual Task<string> Collect(IAsyncStreamReader<string> requests, ServerCallContext context) =>
        throw Unimplemented();

    public virtual Task Count(string request, IServerStreamWriter<string> responses, ServerCallContext context) =>
        throw Unimplemented();

    public virtual Task Chat(
        IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context) =>
        throw Unimplemented();

    private static RpcException Unimplemented() => new(new Status(StatusCode.Unimplemented, ""));
}

/// <summary>What the tests look at from outside the calls.</summary>
public sealed class EchoLog
{
    private int _cancelled;

    public int Cancelled => Volatile.Read(ref _cancelled);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void CountCancelled() => Interlocked.Increment(ref _cancelled);
}

public sealed class EchoService(EchoLog log) : EchoBase
{
    public override async Task<string> Unary(string request, ServerCallContext context)
    {
        if (context.RequestHeaders.GetValue("x-text") is { } text)
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "x-header", text } });
            context.ResponseTrailers.Add("x-trailer", text);
        }
        if (context.RequestHeaders.GetValueBytes("x-bytes-bin") is { } bytes)
            context.ResponseTrailers.Add("x-bytes-bin", [.. bytes.Reverse()]);
        var words = request.Split(':', 3);
        switch (words[0])
        {
            case "fail":
                throw new RpcException(
                    new Status((StatusCode)int.Parse(words[1], null), words[2]),
                    new Metadata { { "x-why", "asked to" } });
            case "throw":
                throw new InvalidOperationException("a secret");
            case "big":
                return new string('x', int.Parse(words[1], null));
            case "deadline":
                return $"{(context.Deadline - DateTime.UtcNow).TotalSeconds:F0}";
            case "stubborn":
                await log.Released.Task;
                return "late";
            case "wait":
                await WaitAsync(context.CancellationToken);
                return "never";
            case "set":
                context.Status = new Status(StatusCode.OutOfRange, "set, not thrown");
                return "ignored";
            default:
                return request;
        }
    }

    public override async Task<string> Collect(IAsyncStreamReader<string> requests, ServerCallContext context)
    {
        var all = new StringBuilder();
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            if (request == "refuse")
                throw new RpcException(new Status(StatusCode.PermissionDenied, "refused early"));
            all.Append(all.Length > 0 ? "+" : "").Append(request);
        }
        return all.ToString();
    }

    public override async Task Count(string request, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        var words = request.Split(':');
        for (var number = 1; number <= int.Parse(words[0], null); number++)
            await responses.WriteAsync($"{number}");
        if (words.Length > 1 && words[1] == "wait")
            await WaitAsync(context.CancellationToken);
        if (words.Length > 1 && words[1] == "fail")
            throw new RpcException(new Status(StatusCode.DataLoss, "half-way"));
        context.ResponseTrailers.Add("x-count", words[0]);
    }

    public override async Task Chat(
        IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await responses.WriteAsync("hello");
        while (await requests.MoveNext() && requests.Current != "bye")
            await responses.WriteAsync(requests.Current.ToUpperInvariant());
    }

    private async Task WaitAsync(CancellationToken token)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, token);
        }
        catch (OperationCanceledException)
        {
            log.CountCancelled();
            throw;
        }
    }
}
