using LeptonEdge.Hub.Api.Common;

namespace LeptonEdge.Tests.Hub.Api;

public sealed class ListingTests
{
    private static readonly Listing<(string Name, double Load)> Orders =
        new("name", item => item.Name, ("name", item => item.Name), ("load", item => item.Load));

    private static readonly (string Name, double Load)[] Items =
        [.. Enumerable.Range(0, 57).Select(i => ($"edge-{i:00}", (double)(i * 7 % 10)))];

    [Theory]
    [InlineData("name")]
    [InlineData("-name")]
    [InlineData("load")]
    [InlineData("-load")]
    [InlineData(null)]
    public void Pages_follow_each_other_without_a_gap_or_a_double(string? sort)
    {
        var seen = new List<(string Name, double Load)>();
        string? cursor = null;
        do
        {
            Assert.Null(Orders.Read(new ListQuery { Limit = 10, Cursor = cursor, Sort = sort }, "items", out var order));
            var page = Orders.Take(Items.Reverse(), order, item => item);
            Assert.InRange(page.Items.Count, 1, 10);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        var wanted = sort switch
        {
            "-name" => Items.OrderByDescending(i => i.Name, StringComparer.Ordinal),
            "load" => Items.OrderBy(i => i.Load).ThenBy(i => i.Name, StringComparer.Ordinal),
            "-load" => Items.OrderByDescending(i => i.Load).ThenBy(i => i.Name, StringComparer.Ordinal),
            _ => Items.OrderBy(i => i.Name, StringComparer.Ordinal),
        };
        Assert.Equal(wanted, seen);
    }

    [Fact]
    public void A_cursor_holds_for_its_own_list_and_order_alone()
    {
        Assert.Null(Orders.Read(new ListQuery { Limit = 3, Sort = "load" }, "items", out var order));
        var cursor = Orders.Take(Items, order, item => item).Next!;
        string?[] wrong =
        [
            Orders.Read(new ListQuery { Cursor = cursor, Sort = "name" }, "items", out _),
            Orders.Read(new ListQuery { Cursor = cursor, Sort = "load" }, "others", out _),
            Orders.Read(new ListQuery { Cursor = cursor[..^2] + "xx", Sort = "load" }, "items", out _),
            Orders.Read(new ListQuery { Cursor = "", Sort = "load" }, "items", out _),
            Orders.Read(new ListQuery { Cursor = "not a cursor", Sort = "load" }, "items", out _),
            Orders.Read(new ListQuery { Cursor = new string('A', 5000), Sort = "load" }, "items", out _),
        ];
        Assert.All(wrong, fault => Assert.StartsWith("cursor: ", fault));
        Assert.Null(Orders.Read(new ListQuery { Cursor = cursor, Sort = "load" }, "items", out _));
        Assert.StartsWith("sort: ", Orders.Read(new ListQuery { Sort = "colour" }, "items", out _));
    }
}
