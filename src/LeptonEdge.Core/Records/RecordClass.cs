namespace LeptonEdge.Core.Records;

/// <summary>Priority class of a record. A lower number is worth more: a full outbox sheds the highest number
/// first.</summary>
public enum RecordClass : byte
{
    Alarm = 0,
    Event = 1,
    Telemetry = 2,
    Bulk = 3,
}
