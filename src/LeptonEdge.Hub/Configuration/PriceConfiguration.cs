using LeptonEdge.Core.Pricing;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads the sections <c>prices</c> and <c>power</c> of <c>hub.yaml</c>.</summary>
internal static class PriceConfiguration
{
    private static readonly string[] Keys = ["core_second", "accelerator_second", "gb_moved", "kwh"];

    public static PriceBook ReadPrices(YamlSection root)
    {
        if (root.Section("prices") is not { } section)
            return PriceBook.Free;
        var currency = section.Text("currency") ?? PriceBook.Free.Currency;
        var basis = section.Section("default");
        var standard = Keys.Select(key => basis is null ? 0 : Price(basis, key) ?? 0).ToArray();
        basis?.RefuseUnknown();
        var sections = section.Sections("overrides", PriceBook.OverridesMax);
        var overrides = sections.Select(ReadOverride).ToList();
        section.RefuseUnknown();
        var prices = new Prices(standard[0], standard[1], standard[2], standard[3]);
        var faults = PriceBook.Faults(currency, prices, overrides);
        foreach (var fault in faults.Select(text => text.Split(": ", 2)))
            section.Fault(fault[0], fault[1]);
        return faults.Count == 0 ? new PriceBook(currency, prices, overrides) : PriceBook.Free;
    }

    public static PowerModel ReadPower(YamlSection root)
    {
        if (root.Section("power") is not { } section)
            return default;
        var power = new PowerModel(
            Watts("idle_watts"), Watts("busy_watts_per_core"), Watts("accelerator_watts"));
        section.RefuseUnknown();
        return power;

        double Watts(string key) => section.Number(key, 0, 0, PowerModel.WattsMax);
    }

    private static PriceOverride ReadOverride(YamlSection section)
    {
        NodeKind? kind = null;
        if (section.Text("kind") is { } text)
        {
            if (Enum.TryParse<NodeKind>(text, ignoreCase: true, out var named) && Enum.IsDefined(named)
                && !char.IsAsciiDigit(text[0]))
                kind = named;
            else
                section.Fault("kind", $"'{text}' must be device, hub or pool");
        }

        var site = section.Text("site");
        var prices = Keys.Select(key => Price(section, key)).ToArray();
        if (prices.All(price => price is null))
            section.Fault("core_second", $"states no price: give at least one of {string.Join(", ", Keys)}");
        section.RefuseUnknown();
        return new PriceOverride(kind, site, prices[0], prices[1], prices[2], prices[3]);
    }

    private static double? Price(YamlSection section, string key) =>
        section.Has(key) ? section.Number(key, 0, 0, Prices.Max) : null;
}
