using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Audit;

/// <summary>What an endpoint adds to the entry that is written about it; all of it may be left out.</summary>
public sealed class AuditNote
{
    /// <summary>What was changed; without it the values of the address.</summary>
    public string? Target { get; set; }

    /// <summary>How it was. Anything that the API can write as JSON.</summary>
    public object? Before { get; set; }

    /// <summary>How it is now; without it what the request's body said.</summary>
    public object? After { get; set; }
}

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
}
