namespace Grpc.Core;

/// <summary>Adds metadata to a call before it is sent, such as a bearer token.</summary>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);

/// <summary>Which call asks for credentials.</summary>
public class AuthInterceptorContext
{
    public AuthInterceptorContext(string serviceUrl, string methodName)
        : this(serviceUrl, methodName, CancellationToken.None)
    {
    }

    public AuthInterceptorContext(string serviceUrl, string methodName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(serviceUrl);
        ArgumentNullException.ThrowIfNull(methodName);
        ServiceUrl = serviceUrl;
        MethodName = methodName;
        CancellationToken = cancellationToken;
    }

    public string ServiceUrl { get; }

    public string MethodName { get; }

    public CancellationToken CancellationToken { get; }
}

/// <summary>Credentials per call.</summary>
public abstract class CallCredentials
{
    public static CallCredentials FromInterceptor(AsyncAuthInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        return new InterceptorCredentials(interceptor);
    }

    public static CallCredentials Compose(params CallCredentials[] credentials)
    {
        if (credentials.Length < 2)
            throw new ArgumentException("Composite credentials need 2 or more credentials.", nameof(credentials));
        return new CompositeCredentials([.. credentials]);
    }

    internal abstract Task ApplyAsync(AuthInterceptorContext context, Metadata metadata);

    private sealed class InterceptorCredentials(AsyncAuthInterceptor interceptor) : CallCredentials
    {
        internal override Task ApplyAsync(AuthInterceptorContext context, Metadata metadata) =>
            interceptor(context, metadata);
    }

    private sealed class CompositeCredentials(CallCredentials[] parts) : CallCredentials
    {
        internal override async Task ApplyAsync(AuthInterceptorContext context, Metadata metadata)
        {
            foreach (var part in parts)
                await part.ApplyAsync(context, metadata).ConfigureAwait(false);
        }
    }
}

/// <summary>Credentials of a channel: plain text, TLS, or TLS with credentials per call.</summary>
public abstract class ChannelCredentials
{
    public static ChannelCredentials Insecure { get; } = new PlainCredentials();

    /// <summary>TLS; which certificates are trusted is the HTTP handler's affair.</summary>
    public static ChannelCredentials SecureSsl { get; } = new TlsCredentials();

    public static ChannelCredentials Create(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        ArgumentNullException.ThrowIfNull(channelCredentials);
        ArgumentNullException.ThrowIfNull(callCredentials);
        return new CombinedCredentials(channelCredentials, callCredentials);
    }

    internal virtual bool IsSecure => false;

    internal virtual CallCredentials? ForCalls => null;

    private sealed class PlainCredentials : ChannelCredentials;

    private sealed class TlsCredentials : ChannelCredentials
    {
        internal override bool IsSecure => true;
    }

    private sealed class CombinedCredentials(ChannelCredentials channel, CallCredentials calls) : ChannelCredentials
    {
        internal override bool IsSecure => channel.IsSecure;

        internal override CallCredentials? ForCalls => calls;
    }
}
