using Xunit.Abstractions;
using Xunit.Sdk;

namespace LeptonEdge.SystemTests.Support;

/// <summary>Figures for whoever runs the tests: shown also when a test passes, which its own output is
/// not.</summary>
public sealed class FaultReport(IMessageSink sink)
{
    public void Say(string line) => sink.OnMessage(new DiagnosticMessage(line));
}
