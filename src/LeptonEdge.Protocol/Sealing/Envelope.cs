using System.Buffers.Binary;
using System.Text;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>What an envelope holds.</summary>
internal enum EnvelopeKind : byte
{
    Batch = 1,
    Message = 2,
}

/// <summary>The clear part of sealed bytes: all of it is associated data of the seal.</summary>
/// <remarks>Layout, little-endian: "LE", version, kind; key id (8), encapsulated key (65), message number (8); tenant
/// and device, each with its length before it; created (8); for a batch epoch (8), first sequence (8), sequence (8),
/// class (1), records (4). Ciphertext and tag (16) follow to the end.</remarks>
internal ref struct Envelope
{
    public const int NamesAt = 2 + 2 + 8 + DhKem.PointBytes + 8;
    public const int BytesMax = NamesAt + 2 * (1 + NameBytesMax) + 8 + BatchBytes;
    private const byte Version = 1;
    private const int NameBytesMax = 63;
    private const int BatchBytes = 8 + 8 + 8 + 1 + 4;
    private const int RecordsMax = 16 * 1024 * 1024;

    public EnvelopeKind Kind;
    public ulong KeyId;
    public ReadOnlySpan<byte> Encapsulated;
    public ulong Number;
    public TenantId Tenant;
    public BatchHeader Header;

    /// <summary>Length of the clear part.</summary>
    public int Length;

    /// <summary>Writes the clear part and returns its length.</summary>
    public readonly int Write(Span<byte> target)
    {
        (target[0], target[1], target[2], target[3]) = ((byte)'L', (byte)'E', Version, (byte)Kind);
        BinaryPrimitives.WriteUInt64BigEndian(target[4..], KeyId);
        Encapsulated.CopyTo(target[12..]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(12 + DhKem.PointBytes)..], Number);
        var at = NamesAt;
        at += WriteName(target[at..], Tenant.Value);
        at += WriteName(target[at..], Header.Device.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[at..], Header.CreatedMicros);
        at += 8;
        if (Kind == EnvelopeKind.Message)
            return at;
        BinaryPrimitives.WriteUInt64LittleEndian(target[at..], Header.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(at + 8)..], Header.FirstSequence);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(at + 16)..], Header.Sequence);
        target[at + 24] = (byte)Header.Class;
        BinaryPrimitives.WriteInt32LittleEndian(target[(at + 25)..], Header.Records);
        return at + BatchBytes;
    }

    /// <summary>Reads the clear part; returns what is wrong with it, or null.</summary>
    public static string? TryRead(ReadOnlySpan<byte> bytes, EnvelopeKind kind, out Envelope envelope)
    {
        envelope = default;
        if (bytes.Length < NamesAt)
            return $"{bytes.Length} bytes are too few for an envelope";
        if (bytes[0] != 'L' || bytes[1] != 'E')
            return "it does not start with 'LE'";
        if (bytes[2] != Version)
            return $"envelope version {bytes[2]} is unknown: this hub knows {Version}";
        if (bytes[3] != (byte)kind)
            return $"its kind is {bytes[3]}, where {(byte)kind} ({kind}) belongs";
        envelope.Kind = kind;
        envelope.KeyId = BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]);
        envelope.Encapsulated = bytes.Slice(12, DhKem.PointBytes);
        envelope.Number = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(12 + DhKem.PointBytes)..]);
        var at = NamesAt;
        if (!TryReadName(bytes, ref at, out var tenant) || !TryReadName(bytes, ref at, out var device))
            return "its names are cut short";
        var fixedBytes = 8 + (kind == EnvelopeKind.Batch ? BatchBytes : 0);
        if (bytes.Length < at + fixedBytes + HpkeContext.TagBytes)
            return "it ends within its header";
        return envelope.TryReadHeader(bytes, at, tenant, device);
    }

    private string? TryReadHeader(ReadOnlySpan<byte> bytes, int at, string tenant, string device)
    {
        var created = BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
        at += 8;
        try
        {
            Tenant = new TenantId(tenant);
            Header = new BatchHeader { Device = new DeviceId(device), CreatedMicros = created };
        }
        catch (FormatException e)
        {
            return e.Message;
        }

        if (Kind == EnvelopeKind.Batch)
        {
            Header = Header with
            {
                Epoch = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]),
                FirstSequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 8)..]),
                Sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(at + 16)..]),
                Class = (RecordClass)bytes[at + 24],
                Records = BinaryPrimitives.ReadInt32LittleEndian(bytes[(at + 25)..]),
            };
            at += BatchBytes;
            if (Fault(Header) is { } fault)
                return fault;
        }

        Length = at;
        return null;
    }

    /// <summary>What no honest header says; null when it is sound.</summary>
    public static string? Fault(in BatchHeader header)
    {
        if (header.FirstSequence == 0 || header.FirstSequence > header.Sequence || header.Sequence > long.MaxValue)
            return $"it covers sequences {header.FirstSequence} to {header.Sequence}";
        if (header.Class > RecordClass.Bulk)
            return $"its class is {(byte)header.Class}";
        return header.Records is < 0 or > RecordsMax ? $"it claims {header.Records} records" : null;
    }

    private static int WriteName(Span<byte> target, string name)
    {
        target[0] = (byte)name.Length;
        return 1 + Encoding.ASCII.GetBytes(name, target[1..]);
    }

    private static bool TryReadName(ReadOnlySpan<byte> bytes, ref int at, out string name)
    {
        name = "";
        if (at >= bytes.Length || bytes[at] > NameBytesMax || at + 1 + bytes[at] > bytes.Length)
            return false;
        name = Encoding.Latin1.GetString(bytes.Slice(at + 1, bytes[at]));
        at += 1 + name.Length;
        return true;
    }
}
