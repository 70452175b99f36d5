using System.Text.Json;

namespace LeptonEdge.Hub.Api.Audit;

/// <summary>One change that somebody asked for.</summary>
/// <param name="Sequence">From 1 on, without a gap.</param>
/// <param name="TimeMicros">When, microseconds since 1970.</param>
/// <param name="Actor">The account; <c>operator</c> for the hub's own token, <c>nobody</c> for who did not sign in.</param>
/// <param name="Kind">How they proved it: <c>session</c>, <c>token NAME</c>, <c>operatorToken</c>, <c>none</c>, or
/// <c>hub</c>.</param>
/// <param name="Address">Where it was asked from; empty within the hub.</param>
/// <param name="Action">What is done to what, such as <c>plan.pin</c>.</param>
/// <param name="Target">Which one.</param>
/// <param name="Outcome"><c>done</c>, <c>asked</c> (of a device: the entry is older than what it did), <c>refused</c> (nothing
/// changed; of many alike, one says how many more) or <c>failed</c> (nobody knows how much is done).</param>
/// <param name="Before">How it was, where that is known.</param>
/// <param name="After">How it is now, or what was asked for; of what is large, size and SHA-256.</param>
/// <param name="Hash">SHA-256 over the hash before and this entry, in hexadecimal.</param>
public sealed record AuditItem(
    long Sequence, long TimeMicros, string Actor, string Kind, string Address, string Action, string Target,
    string Outcome, JsonElement? Before, JsonElement? After, string Hash);

/// <summary>What a walk along the whole log found.</summary>
/// <param name="Sound">Nothing was changed, removed, added or moved.</param>
/// <param name="Entries">Sound ones, from the first on.</param>
/// <param name="LastHash">Of the last sound one. Whoever keeps it elsewhere can tell later that the log was not written
/// anew.</param>
/// <param name="FirstBroken">Sequence of the first that is not sound; null: none.</param>
/// <param name="Fault">What is wrong there; null: nothing.</param>
public sealed record AuditVerdictView(bool Sound, long Entries, string LastHash, long? FirstBroken, string? Fault);
