using LeptonEdge.Core.Pricing;
using Xunit;

namespace LeptonEdge.Tests.Core.Pricing;

public class PriceBookTests
{
    private static readonly Prices Standard = new(0.00001, 0.0002, 0.05, 0.30);

    [Fact]
    public void The_most_exact_override_that_states_a_price_decides_it()
    {
        var book = new PriceBook("EUR", Standard,
        [
            new PriceOverride(NodeKind.Hub, null, CoreSecond: 0.00003, KilowattHour: 0.20),
            new PriceOverride(null, "north", KilowattHour: 0.10, GigabyteMoved: 2),
            new PriceOverride(NodeKind.Hub, "north", KilowattHour: 0.05),
        ]);

        Assert.Equal(Standard, book.For(NodeKind.Device, "south"));
        Assert.Equal(Standard, book.For(NodeKind.Device, ""));
        Assert.Equal(Standard with { CoreSecond = 0.00003, KilowattHour = 0.20 }, book.For(NodeKind.Hub, ""));
        Assert.Equal(Standard with { KilowattHour = 0.10, GigabyteMoved = 2 }, book.For(NodeKind.Device, "north"));
        Assert.Equal(new Prices(0.00003, 0.0002, 2, 0.05), book.For(NodeKind.Hub, "north"));
    }

    [Fact]
    public void Work_costs_what_its_parts_cost_in_their_own_units()
    {
        Assert.Equal(0.00001 * 3_600, Standard.Cost(new Consumption(3_600, 0, 0, 0)), 12);
        Assert.Equal(0.0002 * 60, Standard.Cost(new Consumption(0, 60, 0, 0)), 12);
        Assert.Equal(0.05, Standard.Cost(new Consumption(0, 0, 1e9, 0)), 12);
        Assert.Equal(0.30, Standard.Cost(new Consumption(0, 0, 0, 3.6e6)), 12);
        Assert.Equal(0, PriceBook.Free.For(NodeKind.Pool, "x").Cost(new Consumption(1e9, 1e9, 1e18, 1e12)));
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1.1e9)]
    public void A_price_that_is_none_is_refused_by_its_name(double price)
    {
        var standard = Assert.Throws<PriceBookException>(
            () => new PriceBook("EUR", Standard with { GigabyteMoved = price }));
        Assert.StartsWith("default.gb_moved: ", Assert.Single(standard.Faults));

        var other = Assert.Throws<PriceBookException>(
            () => new PriceBook("EUR", Standard, [new PriceOverride(NodeKind.Pool, null, CoreSecond: price)]));
        Assert.StartsWith("overrides[0].core_second: ", Assert.Single(other.Faults));
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var fault = Assert.Throws<PriceBookException>(() => new PriceBook("euro", Standard with { CoreSecond = -1 },
        [
            new PriceOverride(null, null, CoreSecond: 1),
            new PriceOverride(null, "a"),
            new PriceOverride(null, "a", KilowattHour: double.NaN),
            new PriceOverride((NodeKind)9, ""),
        ]));

        string[] fields =
        [
            "currency:", "default.core_second:", "overrides[0]:", "overrides[2]:", "overrides[2].kwh:",
            "overrides[3].kind:", "overrides[3].site:",
        ];
        Assert.Equal(fields, fault.Faults.Select(text => text[..(text.IndexOf(':') + 1)]));
    }
}
