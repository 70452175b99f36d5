using LeptonEdge.Tests.Support;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>A fact in a browser; skipped where there is none, failing where CI lacks it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Requires.MissingPrograms(["chromium"]);
}
