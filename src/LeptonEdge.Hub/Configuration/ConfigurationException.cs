namespace LeptonEdge.Hub.Configuration;

/// <summary>One fault of a configuration file.</summary>
/// <param name="Line">1-based; 0 when the fault is of the file as a whole.</param>
/// <param name="Key">Path of the key, such as <c>listen.https</c>; empty when the fault is of the file as a
/// whole.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record ConfigurationFault(string File, int Line, string Key, string Message)
{
    public override string ToString() =>
        $"{File}{(Line > 0 ? $":{Line}" : "")}: {(Key.Length > 0 ? $"{Key}: " : "")}{Message}";
}

/// <summary>The hub does not start with this configuration; every fault is named, not the first alone.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>sysexits.h: EX_CONFIG. systemd shows it as such and need not restart the service.</summary>
    public const int ExitCode = 78;

    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
