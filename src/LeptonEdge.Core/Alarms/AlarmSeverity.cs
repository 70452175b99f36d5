namespace LeptonEdge.Core.Alarms;

/// <summary>How much an alarm matters, mildest first.</summary>
public enum AlarmSeverity : byte
{
    Info = 0,
    Warning = 1,
    Critical = 2,
}

/// <summary>What happened to an alarm.</summary>
public enum AlarmTransition : byte
{
    Raised = 0,
    Cleared = 1,
}
