namespace LeptonEdge.Placement.Solving;

/// <summary>How one price follows its resource's load: a Newton step of its own, longer while it keeps its direction,
/// shorter when it turns.</summary>
/// <remarks>Alternatives to a resource have prices that move too, so that its load answers to its own price less than
/// the curve says: hence the growing stride.</remarks>
internal struct PriceStep
{
    private double _stride;
    private bool _rising;

    /// <param name="load">Soft load at the price.</param>
    /// <param name="curve">By how much the load falls with the price, times the temperature.</param>
    /// <param name="square">Sum of squared uses.</param>
    public void Move(
        ref double price, double capacity, double load, double curve, double square, double temperature)
    {
        if (double.IsPositiveInfinity(capacity) || square <= 0)
        {
            price = load <= capacity ? 0 : price;
            return;
        }

        var over = load - capacity;
        var rising = over > 0;
        _stride = _stride == 0 ? 0.6 : rising == _rising ? Math.Min(_stride * 1.25, 12) : Math.Max(_stride * 0.4, 0.1);
        _rising = rising;
        // A typical use is square over load; a step of a few temperatures per such use changes choices, no more.
        var longest = 4 * Math.Max(1, _stride) * temperature * load / square;
        var step = _stride * temperature * over / Math.Max(curve, 1e-3 * square);
        price = Math.Max(0, price + Math.Clamp(step, -longest, longest));
    }
}
