using LeptonEdge.Hub.Accounts;

namespace LeptonEdge.Hub.Audit;

/// <summary>What came of a change that somebody asked for.</summary>
public enum AuditOutcome
{
    Done,

    /// <summary>The hub said no, and why: nothing changed.</summary>
    Refused,

    /// <summary>The hub failed at it: nobody knows how much of it is done.</summary>
    Failed,
}

/// <summary>Every change that somebody asked the hub for.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger)
{
    /// <param name="action">What is done to what: <c>alarm.acknowledge</c>.</param>
    /// <param name="target">Which one.</param>
    public void Add(
        Caller caller, string action, string target, object? before = null, object? after = null,
        AuditOutcome outcome = AuditOutcome.Done) => LogChange(caller.Name, action, target, outcome);

    [LoggerMessage(1, LogLevel.Information, "{Actor}: {Action} {Target}: {Outcome}")]
    private partial void LogChange(string actor, string action, string target, AuditOutcome outcome);
}
