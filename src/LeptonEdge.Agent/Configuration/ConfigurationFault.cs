namespace LeptonEdge.Agent.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="File">The file (or environment variable) that holds it.</param>
/// <param name="Line">Line in that file, from 1; 0 when it has none.</param>
/// <param name="Key">Path of the key, such as <c>channels[1].upload</c>.</param>
/// <param name="Problem">What is wrong and what to do about it.</param>
public sealed record ConfigurationFault(string File, int Line, string Key, string Problem)
{
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}" : File;
        return Key.Length == 0 ? $"{place}: {Problem}" : $"{place}: {Key}: {Problem}";
    }
}

/// <summary>The configuration cannot be used; carries every fault that was found, not the first alone.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults)
    : Exception($"{faults.Count} fault(s) in the configuration:\n  " + string.Join("\n  ", faults))
{
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;
}
