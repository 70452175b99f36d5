using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

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

/// <summary>Every change that somebody asked the hub for. An entry is on the disk before the change is answered.</summary>
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
    /// <param name="target">Which one.</param>
    /// <param name="before">Anything that the API can write as JSON.</param>
    /// <param name="address">Where it was asked from; empty within the hub.</param>
    /// <param name="kind">How the caller proved who they are; null: as the caller says.</param>
    /// <exception cref="HubStoreException">The entry could not be written; the change may be done all the
    /// same.</exception>
    public void Add(
        Caller caller, string action, string target, object? before = null, object? after = null,
        AuditOutcome outcome = AuditOutcome.Done, string address = "", string? kind = null)
    {
        LogChange(caller.Name, action, target, outcome);
        try
        {
            _writer.Append(new NewAuditEntry(
                caller.Name, kind ?? CallerKinds.NameOf(caller.Kind), address, action, target,
                outcome.ToString().ToLowerInvariant(), Json(before), Json(after)));
        }
        catch (HubStoreException)
        {
            LogLost(caller.Name, action, target, outcome);
            throw;
        }
    }

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
    private partial void LogChange(string actor, string action, string target, AuditOutcome outcome);

    [LoggerMessage(2, LogLevel.Error, "The audit log could not take: {Actor}: {Action} {Target}: {Outcome}")]
    private partial void LogLost(string actor, string action, string target, AuditOutcome outcome);

    [LoggerMessage(4, LogLevel.Information, "The audit log ends with entry {Sequence}, hash {Hash}")]
    private partial void LogHead(long sequence, string hash);

    [LoggerMessage(3, LogLevel.Error, "The audit log is not as this hub left it: {Fault}")]
    private partial void LogBroken(string fault);
}
