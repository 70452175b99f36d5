using LeptonEdge.Storage.Hubs.Documents;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Audit;

/// <summary>What an endpoint adds to the entries that are written about it; all of it may be left out. It is taken up when
/// the store is changed, so it is to be filled before.</summary>
public sealed class AuditNote
{
    private readonly List<AuditLine> _lines = [];

    /// <summary>What is done to what; without it the endpoint's own.</summary>
    public string? Action { get; set; }

    /// <summary>Who it is, where that is found out on the way: the account.</summary>
    public string? Actor { get; set; }

    /// <summary>What was changed; without it the values of the address.</summary>
    public string? Target { get; set; }

    /// <summary>How it was. Anything that the API can write as JSON.</summary>
    public object? Before { get; set; }

    /// <summary>How it is now; without it what the request's body said.</summary>
    public object? After { get; set; }

    /// <summary>One entry stands for all that the request changes, however many transactions that takes.</summary>
    public bool Once { get; set; }

    /// <summary>Told what the store said to the change: names what is new.</summary>
    public Action<object?>? Said { get; set; }

    /// <summary>Makes the answer of what the store said to the change; it is kept for the request's Idempotency-Key, in the
    /// same transaction. Null: no such answer.</summary>
    public Func<object?, KeptAnswer?>? Answer { get; set; }

    /// <summary>The next transaction changes several: an entry for each.</summary>
    public void Also(string target, object? before, object? after) => _lines.Add(new AuditLine(target, before, after));

    /// <summary>Those of the transaction that ends; they are given out once.</summary>
    internal IReadOnlyList<AuditLine> TakeLines()
    {
        AuditLine[] lines = [.. _lines];
        _lines.Clear();
        return lines;
    }
}

/// <summary>One of several that are changed together.</summary>
internal sealed record AuditLine(string Target, object? Before, object? After);

public static class AuditContext
{
    /// <summary>The note of this request; use it in an endpoint that is <c>Audited</c>.</summary>
    public static AuditNote AuditNote(this HttpContext context)
    {
        if (context.Features.Get<AuditNote>() is { } note)
            return note;
        context.Features.Set(note = new AuditNote());
        return note;
    }

    /// <summary>Writes down that something is asked of others than the store, before it is: nobody can know afterwards how
    /// much of it was done.</summary>
    /// <exception cref="Storage.Hubs.HubStoreException">The entry could not be written: do not ask.</exception>
    public static void Asks(this HttpContext context, object? after = null)
    {
        if (after is not null)
            context.AuditNote().After = after;
        (context.Features.Get<AuditScope>() ?? throw new InvalidOperationException(
            $"{context.Request.Path} asks for something, and is not Audited")).Ask();
    }
}
