namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>What somebody changed, or wanted to. Longer texts are cut.</summary>
/// <param name="Kind">How they proved who they are.</param>
/// <param name="Address">Where they asked from.</param>
/// <param name="Action">What is done to what: <c>alarm.acknowledge</c>.</param>
/// <param name="Outcome"><c>done</c>, <c>refused</c> or <c>failed</c>.</param>
/// <param name="Before">JSON, or null.</param>
/// <param name="After">JSON, or null.</param>
public sealed record NewAuditEntry(
    string Actor, string Kind, string Address, string Action, string Target, string Outcome, string? Before,
    string? After)
{
    public const int NameMax = 128;
    public const int TargetMax = 512;
    public const int ContentMax = 8 * 1024;

    internal NewAuditEntry Cut() => new(
        Cut(Actor, NameMax), Cut(Kind, NameMax), Cut(Address, NameMax), Cut(Action, NameMax), Cut(Target, TargetMax),
        Cut(Outcome, NameMax), Before is null ? null : Cut(Before, ContentMax),
        After is null ? null : Cut(After, ContentMax));

    // A lone half of a character would be another text when it is read again.
    private static string Cut(string text, int max) => text.Length <= max
        ? text
        : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}

/// <param name="Sequence">From 1 on, without a gap.</param>
/// <param name="Hash">SHA-256 over the hash before and this entry: see <see cref="AuditHash"/>.</param>
public sealed record AuditEntry(long Sequence, long TimeMicros, NewAuditEntry Change, byte[] Hash);

/// <summary>Which entries; every condition may be left out.</summary>
/// <param name="Actor">Or its beginning, with a <c>*</c> at the end; the same for action and target.</param>
/// <param name="From">Microseconds since 1970, the first that counts; <paramref name="To"/> is the first that does
/// not.</param>
/// <param name="Before">Only entries with a lower sequence.</param>
public sealed record AuditFilter(
    string? Actor = null, string? Action = null, string? Target = null, long? From = null, long? To = null,
    long Before = long.MaxValue);

/// <summary>What a walk along the whole log found.</summary>
/// <param name="Entries">Sound ones, from the first on.</param>
/// <param name="LastHash">Of the last sound entry, in hexadecimal: the head, which whoever keeps it elsewhere can compare
/// later.</param>
/// <param name="FirstBroken">Sequence of the first entry that is not as it was written, or is missing; null: none.</param>
/// <param name="Fault">What is wrong there; null: nothing.</param>
public sealed record AuditVerdict(long Entries, string LastHash, long? FirstBroken, string? Fault)
{
    public bool IsSound => FirstBroken is null;
}
