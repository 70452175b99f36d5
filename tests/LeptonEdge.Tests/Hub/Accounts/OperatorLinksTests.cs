using LeptonEdge.Hub.Accounts;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class OperatorLinksTests
{
    [Fact]
    public void A_code_is_good_once_and_for_ten_minutes()
    {
        var clock = new ManualTimeProvider();
        var links = new OperatorLinks(clock);
        var (first, late) = (links.Make("token"), links.Make("token"));
        Assert.Equal("token", links.Take(first));
        Assert.Null(links.Take(first));
        clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        Assert.Null(links.Take(late));
        Assert.Null(links.Take(""));
    }

    [Fact]
    public void Codes_that_nobody_uses_do_not_grow_in_number()
    {
        var links = new OperatorLinks(new ManualTimeProvider());
        var codes = Enumerable.Range(0, 100).Select(_ => links.Make("token")).ToList();
        Assert.InRange(codes.Count(code => links.Take(code) is not null), 1, 16);
    }
}
