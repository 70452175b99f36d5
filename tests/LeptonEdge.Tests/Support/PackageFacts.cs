namespace LeptonEdge.Tests.Support;

/// <summary>A fact whose peer is an npm package of tests/peers; skipped where it is not installed, failing where CI
/// lacks it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmPeerFactAttribute : FactAttribute
{
    public NpmPeerFactAttribute(string package)
    {
        var there = Requires.FindProgram("node") is not null
            && Directory.Exists(Path.Combine(Requires.RepositoryRoot, "tests", "peers", "node_modules", package));
        if (!there && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"needs Node.js 20 and {package}: bash tests/run.sh installs it, or 'npm ci' in tests/peers";
    }
}

/// <summary>A fact whose peer is a Python module of Debian's; skipped where it is absent, failing where CI lacks
/// it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonPeerFactAttribute : FactAttribute
{
    public PythonPeerFactAttribute(string module, string debianPackage)
    {
        if (!Directory.Exists(Path.Combine("/usr/lib/python3/dist-packages", module))
            && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"needs the Python module {module}: bash tests/run.sh installs it, or 'apt-get install "
                + $"{debianPackage}'";
        }
    }
}
