namespace LeptonEdge.Core.Pricing;

/// <summary>Prices that differ from the default on some nodes.</summary>
/// <param name="Kind">Null: on every kind of node.</param>
/// <param name="Site">Null: on every site.</param>
/// <param name="CoreSecond">Null: as without this override; so the other prices.</param>
public sealed record PriceOverride(
    NodeKind? Kind, string? Site, double? CoreSecond = null, double? AcceleratorSecond = null,
    double? GigabyteMoved = null, double? KilowattHour = null);

/// <summary>What work costs, where. Meters and planner count with the same book.</summary>
/// <remarks>The most exact override that states a price decides it: kind and site, then site, then kind, then the
/// default. Immutable; a book that exists is sound.</remarks>
public sealed class PriceBook
{
    public const int OverridesMax = 1024;
    private const int CurrencyLettersMax = 8;

    private readonly Dictionary<(NodeKind? Kind, string? Site), PriceOverride> _overrides = [];

    /// <param name="currency">Such as EUR; 1 to 8 letters A-Z.</param>
    /// <exception cref="PriceBookException">Names each fault.</exception>
    public PriceBook(string currency, Prices standard, IReadOnlyList<PriceOverride>? overrides = null)
    {
        (Currency, Default, Overrides) = (currency, standard, [.. overrides ?? []]);
        var faults = Faults(currency, standard, Overrides);
        if (faults.Count > 0)
            throw new PriceBookException(faults);
        foreach (var entry in Overrides)
            _overrides.Add((entry.Kind, entry.Site), entry);
    }

    /// <summary>Where nothing has a price: work is metered and costs nothing.</summary>
    public static PriceBook Free { get; } = new("EUR", default);

    public string Currency { get; }

    public Prices Default { get; }

    public IReadOnlyList<PriceOverride> Overrides { get; }

    /// <summary>The prices of a node.</summary>
    /// <param name="site">Empty where the node has none.</param>
    public Prices For(NodeKind kind, string site)
    {
        var prices = Default;
        // From the least exact to the most exact, each over the one before it.
        Apply(kind, null, ref prices);
        if (site.Length > 0)
        {
            Apply(null, site, ref prices);
            Apply(kind, site, ref prices);
        }

        return prices;
    }

    /// <summary>Every fault, as sentences that begin with the field; empty when a book can be made of it.</summary>
    public static IReadOnlyList<string> Faults(
        string currency, Prices standard, IReadOnlyList<PriceOverride> overrides)
    {
        var faults = new List<string>();
        if (currency.Length is 0 or > CurrencyLettersMax || !currency.All(char.IsAsciiLetterUpper))
            faults.Add($"currency: '{currency}' is not 1 to {CurrencyLettersMax} letters A-Z, such as EUR");
        Check(faults, "default.core_second", standard.CoreSecond);
        Check(faults, "default.accelerator_second", standard.AcceleratorSecond);
        Check(faults, "default.gb_moved", standard.GigabyteMoved);
        Check(faults, "default.kwh", standard.KilowattHour);
        if (overrides.Count > OverridesMax)
            faults.Add($"overrides: there are {overrides.Count}, at most {OverridesMax}");
        var seen = new HashSet<(NodeKind?, string?)>();
        for (var i = 0; i < overrides.Count; i++)
            Check(faults, $"overrides[{i}]", overrides[i], seen);
        return faults;
    }

    private static void Check(
        List<string> faults, string path, PriceOverride entry, HashSet<(NodeKind?, string?)> seen)
    {
        if (entry is { Kind: null, Site: null })
            faults.Add($"{path}: names neither kind nor site; such prices belong into default");
        else if (!seen.Add((entry.Kind, entry.Site)))
            faults.Add($"{path}: an override before it has the same kind and site");
        if (entry.Kind is { } kind && !Enum.IsDefined(kind))
            faults.Add($"{path}.kind: {(int)kind} is unknown");
        if (entry.Site is { Length: 0 })
            faults.Add($"{path}.site: is empty; leave it out for every site");
        Check(faults, $"{path}.core_second", entry.CoreSecond);
        Check(faults, $"{path}.accelerator_second", entry.AcceleratorSecond);
        Check(faults, $"{path}.gb_moved", entry.GigabyteMoved);
        Check(faults, $"{path}.kwh", entry.KilowattHour);
    }

    private static void Check(List<string> faults, string path, double? price)
    {
        // The comparison is false for NaN too.
        if (price is { } value && !(value is >= 0 and <= Prices.Max))
            faults.Add(FormattableString.Invariant($"{path}: {value} is not a price within 0 to {Prices.Max:0}"));
    }

    private void Apply(NodeKind? kind, string? site, ref Prices prices)
    {
        if (!_overrides.TryGetValue((kind, site), out var entry))
            return;
        prices = new Prices(
            entry.CoreSecond ?? prices.CoreSecond, entry.AcceleratorSecond ?? prices.AcceleratorSecond,
            entry.GigabyteMoved ?? prices.GigabyteMoved, entry.KilowattHour ?? prices.KilowattHour);
    }
}

/// <summary>Of these prices no book can be made.</summary>
/// <param name="faults">All of them, as sentences that begin with the field.</param>
public sealed class PriceBookException(IReadOnlyList<string> faults)
    : FormatException($"price book: {string.Join("; ", faults)}")
{
    public IReadOnlyList<string> Faults => faults;
}
