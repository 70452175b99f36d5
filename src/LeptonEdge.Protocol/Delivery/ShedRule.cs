using LeptonEdge.Core.Records;

namespace LeptonEdge.Protocol.Delivery;

/// <summary>Which priority class a full outbox gives up first.</summary>
public static class ShedRule
{
    public const int Classes = (int)RecordClass.Bulk + 1;

    /// <summary>The lowest class that holds more than its reserve; when none does, the lowest that holds anything; null
    /// when there is nothing to shed.</summary>
    /// <param name="bytesOfClass">Bytes held, shape (4,), indexed by <see cref="RecordClass"/>; gaps apart.</param>
    /// <param name="reserves">Bytes that each class keeps while a lower one, or one above its own reserve, can still give
    /// way; shape (4,).</param>
    public static RecordClass? Choose(ReadOnlySpan<long> bytesOfClass, ReadOnlySpan<long> reserves)
    {
        for (var i = Classes - 1; i >= 0; i--)
        {
            if (bytesOfClass[i] > reserves[i])
                return (RecordClass)i;
        }

        for (var i = Classes - 1; i >= 0; i--)
        {
            if (bytesOfClass[i] > 0)
                return (RecordClass)i;
        }

        return null;
    }
}
