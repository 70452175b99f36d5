using System.Reflection;

namespace LeptonEdge.Hub;

/// <summary>This release's version.</summary>
internal static class HubVersion
{
    // The commit that follows '+' is for the file's own properties, not for people.
    public static string Text { get; } = typeof(HubVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
