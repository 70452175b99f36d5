using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LeptonEdge.Core.Identity;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>An Idempotency-Key whose request is under way.</summary>
/// <param name="digest">Of method, address and body.</param>
/// <param name="sinceMicros">Answers from before then are given up.</param>
internal sealed class KeyClaim(TenantId tenant, string caller, string key, byte[] digest, long sinceMicros)
{
    /// <summary>The answer went to the disk with the change.</summary>
    public bool IsKept { get; set; }

    /// <summary>What <c>Results.Json</c> answers.</summary>
    public static KeptAnswer Json<T>(T value, JsonTypeInfo<T> type, int status) => new(
        [], status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <param name="answer">Its digest is this claim's, whatever it says.</param>
    public KeyedAnswer Of(KeptAnswer answer) =>
        new(tenant, caller, key, answer with { Digest = digest }, sinceMicros);
}
