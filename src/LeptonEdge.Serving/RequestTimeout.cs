namespace LeptonEdge.Serving;

/// <summary>What is left of a deadline, from the request's parameters.</summary>
internal static class RequestTimeout
{
    /// <summary>The schedule policy extension's, in microseconds; 0 is none.</summary>
    public const string Timeout = "timeout";

    /// <summary>LeptonEdge's own, in microseconds; 0 has passed.</summary>
    public const string Deadline = "deadline_us";

    // Longer than any wait here.
    private const long MicrosMax = 3_600_000_000;

    /// <summary>The nearest of them all; null where there is none.</summary>
    /// <exception cref="ServingException">Below 0.</exception>
    public static TimeSpan? Nearest(TimeSpan? call, long? timeoutMicros, long? deadlineMicros)
    {
        if (timeoutMicros < 0)
            throw ServingException.Invalid(
                $"parameters[{Timeout}]: {timeoutMicros}; give microseconds, 0 for none");
        var nearest = call;
        foreach (var micros in (ReadOnlySpan<long?>)[timeoutMicros == 0 ? null : timeoutMicros, deadlineMicros])
        {
            if (micros is { } given && TimeSpan.FromMicroseconds(Math.Clamp(given, 0, MicrosMax)) is var own
                && (nearest is null || own < nearest))
                nearest = own;
        }

        return nearest;
    }
}
