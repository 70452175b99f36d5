namespace LeptonEdge.Hub.Configuration;

/// <summary>What the API takes from one caller, and how long a session lasts.</summary>
public sealed record ApiOptions
{
    /// <summary>Requests of one account or address, on average; 1 to 1,000,000. The operator's token has no
    /// limit.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>Requests at once after a pause, 1 to 1,000,000.</summary>
    public int Burst { get; init; } = 400;

    /// <summary>Tries to sign in from one address, 1 to 100,000.</summary>
    public int SignInsPerMinute { get; init; } = 30;

    /// <summary>A session that is not used for so long ends; 1 minute to 30 days.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>A session ends so long after it began; 1 minute to 90 days.</summary>
    public TimeSpan SessionMax { get; init; } = TimeSpan.FromDays(7);

    internal static ApiOptions Read(YamlSection? section)
    {
        var standard = new ApiOptions();
        if (section is null)
            return standard;
        var options = new ApiOptions
        {
            RequestsPerSecond = section.Whole("requests_per_second", standard.RequestsPerSecond, 1, 1_000_000),
            Burst = section.Whole("burst", standard.Burst, 1, 1_000_000),
            SignInsPerMinute = section.Whole("sign_ins_per_minute", standard.SignInsPerMinute, 1, 100_000),
            SessionIdle = section.Seconds("session_idle_seconds", standard.SessionIdle, 60, 30 * 86_400),
            SessionMax = section.Seconds("session_max_seconds", standard.SessionMax, 60, 90 * 86_400),
        };
        section.RefuseUnknown();
        return options;
    }
}
