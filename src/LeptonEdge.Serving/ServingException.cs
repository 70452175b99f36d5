using Grpc.Core;

namespace LeptonEdge.Serving;

/// <summary>Why a request is not answered, in words for its sender; gRPC and REST each say it in their way.</summary>
/// <param name="retryAfter">The least time after which the same request may fare better; null where none helps.</param>
public sealed class ServingException(StatusCode status, string message, TimeSpan? retryAfter = null)
    : Exception(message)
{
    public StatusCode Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public static ServingException Invalid(string detail) => new(StatusCode.InvalidArgument, detail);

    /// <summary>What comes from outside goes into a message only as far as a reader needs it.</summary>
    public static string Short(string text, int lengthMax = 64) =>
        text.Length <= lengthMax ? text : $"{text[..lengthMax]}…";
}
