using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Storage.Hubs.Documents;

namespace LeptonEdge.Storage.Hubs;

/// <summary>What is stored along with a change, in its transaction: all of it or none.</summary>
/// <param name="Entries">Of the audit log.</param>
/// <param name="Answer">What a request with the same Idempotency-Key is answered from now on; null: none.</param>
public sealed record StoredAlong(IReadOnlyList<NewAuditEntry> Entries, KeyedAnswer? Answer = null);

/// <summary>An answer under its Idempotency-Key.</summary>
/// <param name="SinceMicros">Answers from before then are given up.</param>
public sealed record KeyedAnswer(TenantId Tenant, string Caller, string Key, KeptAnswer Answer, long SinceMicros);

/// <summary>A flow of calls in whose name the store is changed. Each durable transaction of the flow that changes
/// something takes along what the scope says, so that there is no change without its entry, and no entry without its
/// change.</summary>
/// <remarks>Not durable ones, and what the hub notes for itself, are no changes in anybody's name.</remarks>
public abstract class StoreScope
{
    private static readonly AsyncLocal<StoreScope?> s_current = new();

    internal static StoreScope? Current => s_current.Value;

    /// <summary>Whatever this flow of calls changes is changed in this scope's name, until what this gives is
    /// disposed.</summary>
    public IDisposable Enter()
    {
        var outer = s_current.Value;
        s_current.Value = this;
        return new Left(outer);
    }

    /// <summary>Within the transaction, after the change.</summary>
    /// <param name="result">Of the outermost call that changed the store.</param>
    /// <returns>Null: nothing.</returns>
    protected internal abstract StoredAlong? Along(object? result);

    /// <summary>Change and what went along are on the disk.</summary>
    protected internal abstract void Committed(StoredAlong along);

    private sealed class Left(StoreScope? outer) : IDisposable
    {
        public void Dispose() => s_current.Value = outer;
    }
}
