namespace LeptonEdge.Core;

public static class TimeProviderExtensions
{
    /// <summary>Now, microseconds since 1970-01-01 UTC: the form in which every record carries time.</summary>
    public static long GetUnixMicros(this TimeProvider clock) => ToUnixMicros(clock.GetUtcNow());

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public static long ToUnixMicros(this DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time that a record's microseconds stand for.</summary>
    public static DateTimeOffset FromUnixMicros(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
