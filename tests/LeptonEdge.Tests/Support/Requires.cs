namespace LeptonEdge.Tests.Support;

/// <summary>Where the tests find what lies outside the checkout: installed peers and the shared recordings.</summary>
public static class Requires
{
    private static readonly bool OnCi = Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The checkout's root: the folder that holds LeptonEdge.sln.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Absolute path below the shared recordings, whether or not it exists.</summary>
    public static string DataPath(string relative) =>
        Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "data", relative));

    /// <summary>Where a program stands on PATH (or in sbin, where Debian keeps daemons); null if it is not
    /// installed.</summary>
    public static string? FindProgram(string name)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin:/usr/local/sbin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Null when everything is there, or when CI must fail rather than skip; else the sentence to skip
    /// with.</summary>
    internal static string? MissingPrograms(string[] names)
    {
        var missing = names.Where(name => FindProgram(name) is null).ToArray();
        return OnCi || missing.Length == 0
            ? null
            : $"needs {string.Join(", ", missing)}: bash tests/run.sh installs it, or says how";
    }

    internal static string? MissingData(string relative) =>
        OnCi || Path.Exists(DataPath(relative))
            ? null : $"needs the shared recordings '{relative}' beside the checkout";

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LeptonEdge.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("LeptonEdge.sln was not found above the tests");
    }
}

/// <summary>A fact that talks to installed programs; skipped where they are absent, failing where CI lacks
/// them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    public PeerFactAttribute(params string[] programs) => Skip = Requires.MissingPrograms(programs);
}

/// <summary>A fact that reads the shared recordings; skipped where they are absent, failing where CI lacks
/// them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute(string relative) => Skip = Requires.MissingData(relative);
}
