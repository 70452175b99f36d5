using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Delivery;

namespace LeptonEdge.Tests.Protocol.Delivery;

public class RuleTests
{
    [Theory]
    [InlineData(0, 1, 1, CursorVerdict.Next)]
    [InlineData(5, 6, 6, CursorVerdict.Next)]
    [InlineData(5, 5, 5, CursorVerdict.Duplicate)]
    [InlineData(5, 1, 5, CursorVerdict.Duplicate)]
    [InlineData(5, 7, 7, CursorVerdict.Ahead)]
    [InlineData(5, 3, 9, CursorVerdict.Next)]
    [InlineData(5, 6, 9, CursorVerdict.Next)]
    public void A_batch_is_judged_by_its_place_to_the_cursor(
        ulong cursor, ulong first, ulong sequence, CursorVerdict expected) =>
        Assert.Equal(expected, CursorRule.Judge(cursor, first, sequence));

    [Fact]
    public void The_lowest_class_above_its_reserve_gives_way()
    {
        Assert.Equal(RecordClass.Bulk, ShedRule.Choose([10, 10, 10, 10], [0, 0, 0, 0]));
        Assert.Equal(RecordClass.Telemetry, ShedRule.Choose([10, 10, 10, 5], [0, 0, 5, 5]));
        Assert.Equal(RecordClass.Alarm, ShedRule.Choose([10, 5, 5, 5], [5, 5, 5, 5]));
        // All within their reserves: still something must go.
        Assert.Equal(RecordClass.Telemetry, ShedRule.Choose([10, 10, 10, 0], [20, 20, 20, 20]));
        Assert.Null(ShedRule.Choose([0, 0, 0, 0], [1, 1, 1, 1]));
    }

    [Fact]
    public void A_tag_reads_back_and_nonsense_does_not()
    {
        var tag = new DeliveryTag(ulong.MaxValue, 3, 4, 9, 4, 5);
        Assert.True(DeliveryTag.TryRead(tag.ToArray(), out var read));
        Assert.Equal(tag, read);
        Assert.False(DeliveryTag.TryRead([], out _));
        Assert.False(DeliveryTag.TryRead(new DeliveryTag(1, 1, 0, 4, 4, 5).ToArray(), out _));
        Assert.False(DeliveryTag.TryRead(new DeliveryTag(1, 1, 5, 4, 4, 5).ToArray(), out _));
        Assert.False(DeliveryTag.TryRead(new DeliveryTag(1, 1, 5, ulong.MaxValue, 4, 5).ToArray(), out _));
        var newer = tag.ToArray();
        newer[0] = 2;
        Assert.False(DeliveryTag.TryRead(newer, out _));
    }
}
