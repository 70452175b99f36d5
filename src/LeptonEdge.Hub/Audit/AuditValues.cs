using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Audit;

/// <summary>How the log shows what the API itself shows otherwise, or not at all.</summary>
internal sealed record AuditedLock(int Failures, long? LockedUntilMicros);

internal sealed record AuditedPicture(int Bytes, string Sha256)
{
    public static AuditedPicture Of(ReadOnlySpan<byte> content) =>
        new(content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
}

internal sealed record AuditedDrain(bool Drained);

/// <param name="Model">NAME/VERSION; empty for the one of the device's configuration.</param>
internal sealed record AuditedModel(string Workload, string Model);

internal sealed record AuditedJob(string State);

/// <param name="Workload">That is pinned.</param>
internal sealed record AuditedPin(string Workload, string Node, string? Recipe);

internal sealed record AuditedPassword(bool RevokedTokens);

/// <param name="Locked">The account is locked: the password was not even looked at.</param>
internal sealed record AuditedSignIn(bool Locked);

internal sealed record AuditedRefusal(string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AuditedLock))]
[JsonSerializable(typeof(AuditedPicture))]
[JsonSerializable(typeof(AuditedDrain))]
[JsonSerializable(typeof(AuditedModel))]
[JsonSerializable(typeof(AuditedJob))]
[JsonSerializable(typeof(AuditedPin))]
[JsonSerializable(typeof(AuditedPassword))]
[JsonSerializable(typeof(AuditedSignIn))]
[JsonSerializable(typeof(AuditedRefusal))]
internal sealed partial class AuditJson : JsonSerializerContext;
