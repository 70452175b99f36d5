using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LeptonEdge.Protocol.Sealing;

/// <summary>The contexts last used, so that a key agreement is needed once per agent start and not once per
/// batch.</summary>
internal sealed class RecipientContexts(int countMax)
{
    private readonly Dictionary<UInt128, LinkedListNode<(UInt128 Name, HpkeContext Context)>> _byName = [];
    private readonly LinkedList<(UInt128 Name, HpkeContext Context)> _newestFirst = [];
    private readonly Lock _gate = new();

    /// <summary>Everything that the context's keys depend on, in 128 bits.</summary>
    public static UInt128 NameOf(in Envelope envelope)
    {
        Span<byte> text = stackalloc byte[8 + DhKem.PointBytes + 2 * 64];
        BinaryPrimitives.WriteUInt64LittleEndian(text, envelope.KeyId);
        envelope.Encapsulated.CopyTo(text[8..]);
        var at = 8 + DhKem.PointBytes;
        at += Encoding.ASCII.GetBytes(envelope.Tenant.Value, text[at..]);
        text[at++] = (byte)'/';
        at += Encoding.ASCII.GetBytes(envelope.Header.Device.Value, text[at..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..at], hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    public HpkeContext? Find(UInt128 name)
    {
        lock (_gate)
        {
            if (!_byName.TryGetValue(name, out var node))
                return null;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value.Context;
        }
    }

    public void Add(UInt128 name, HpkeContext context)
    {
        lock (_gate)
        {
            if (_byName.ContainsKey(name))
                return;
            _byName.Add(name, _newestFirst.AddFirst((name, context)));
            if (_byName.Count <= countMax)
                return;
            // Another thread may be opening with it: left to the finalizer rather than disposed.
            _byName.Remove(_newestFirst.Last!.Value.Name);
            _newestFirst.RemoveLast();
        }
    }
}
