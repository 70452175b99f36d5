using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace LeptonEdge.Hub.Audit;

/// <summary>What came of a change that somebody asked for.</summary>
public enum AuditOutcome
{
    Done,

    /// <summary>Something was asked of a device; nobody knows from here whether it did it.</summary>
    Asked,

    /// <summary>The hub said no, and why: nothing changed.</summary>
    Refused,

    /// <summary>The hub failed at it: nobody knows how much of it is done.</summary>
    Failed,
}

/// <summary>Every change that somebody asked the hub for. An entry is on the disk with the change that it is
/// about.</summary>
internal sealed partial class AuditLog
{
    private readonly AuditWriter _writer;
    private readonly JsonSerializerOptions _json;
    private readonly ILogger<AuditLog> _logger;

    public AuditLog(HubStore store, IOptions<JsonOptions> json, ILogger<AuditLog> logger)
    {
        _logger = logger;
        // People read it: letters stay letters.
        _json = new JsonSerializerOptions(json.Value.SerializerOptions)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        _writer = AuditWriter.Open(store, out var fault);
        if (fault is not null)
            LogBroken(fault);
        // Kept in the journal, it shows later that the log was not written anew.
        if (store.AuditEntries(new AuditFilter(), 1) is [var newest])
            LogHead(newest.Sequence, Convert.ToHexStringLower(newest.Hash));
    }

    /// <param name="action">What is done to what: <c>alarm.acknowledge</c>.</param>
    /// <param name="about">Which one.</param>
    /// <param name="before">Anything that the API can write as JSON.</param>
    /// <param name="address">Where it was asked from; empty within the hub.</param>
    public NewAuditEntry Make(
        string actor, string kind, string address, string action, string about, object? before, object? after,
        AuditOutcome outcome) => new(
            actor, kind, address, action, about, outcome.ToString().ToLowerInvariant(), Json(before), Json(after));

    /// <summary>Writes an entry that goes along with no change.</summary>
    /// <exception cref="HubStoreException">The entry could not be written.</exception>
    public void Write(NewAuditEntry entry)
    {
        Say(entry);
        try
        {
            _writer.Append(entry);
        }
        catch (HubStoreException)
        {
            LogLost(entry.Actor, entry.Action, entry.Target, entry.Outcome);
            throw;
        }
    }

    /// <summary>Says in the hub's own log what the audit log holds.</summary>
    public void Say(NewAuditEntry entry) => LogChange(entry.Actor, entry.Action, entry.Target, entry.Outcome);

    // What is too large is named by its digest: whoever has it can prove that it was this.
    private string? Json(object? value)
    {
        if (value is null)
            return null;
        var text = JsonSerializer.Serialize(value, value.GetType(), _json);
        return text.Length <= NewAuditEntry.ContentMax
            ? text
            : $$"""{"bytes":{{Encoding.UTF8.GetByteCount(text)}},"sha256":"{{Digest(text)}}"}""";
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [LoggerMessage(1, LogLevel.Information, "{Actor}: {Action} {Target}: {Outcome}")]
    private partial void LogChange(string actor, string action, string target, string outcome);

    [LoggerMessage(2, LogLevel.Error, "The audit log could not take: {Actor}: {Action} {Target}: {Outcome}")]
    private partial void LogLost(string actor, string action, string target, string outcome);

    [LoggerMessage(4, LogLevel.Information, "The audit log ends with entry {Sequence}, hash {Hash}")]
    private partial void LogHead(long sequence, string hash);

    [LoggerMessage(3, LogLevel.Error, "The audit log is not as this hub left it: {Fault}")]
    private partial void LogBroken(string fault);
}
