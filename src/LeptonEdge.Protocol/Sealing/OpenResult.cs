using LeptonEdge.Core.Identity;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>What became of sealed bytes.</summary>
public abstract record OpenResult
{
    private OpenResult()
    {
    }

    /// <summary>A batch that the named device sealed for this hub.</summary>
    public sealed record Opened(TenantId Tenant, BatchHeader Header) : OpenResult;

    /// <summary>A message that is no batch.</summary>
    public sealed record OpenedMessage(TenantId Tenant, DeviceId Device, long CreatedMicros) : OpenResult;

    /// <summary>Sealed to a key that this hub does not hold.</summary>
    /// <param name="KeyId">16 hexadecimal digits.</param>
    public sealed record UnknownKey(string KeyId) : OpenResult;

    /// <summary>Not an envelope of the expected kind.</summary>
    public sealed record Malformed(string Reason) : OpenResult;

    /// <summary>Header or content is not what was sealed.</summary>
    public sealed record Forged(string Claimed) : OpenResult;
}
