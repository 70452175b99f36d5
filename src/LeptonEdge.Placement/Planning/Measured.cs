namespace LeptonEdge.Placement.Planning;

/// <summary>A measured figure, smoothed, with the time of its last measurement.</summary>
internal struct Measured
{
    public double Value { get; private set; }

    public long AtMicros { get; private set; }

    public readonly bool IsKnown => AtMicros != 0;

    /// <param name="constant">Time in which two thirds of a change are taken over.</param>
    public void Take(double value, long nowMicros, TimeSpan constant)
    {
        var passed = Math.Max(0, nowMicros - AtMicros) / constant.TotalMicroseconds;
        Value = AtMicros == 0 ? value : Value + ((1 - Math.Exp(-passed)) * (value - Value));
        AtMicros = nowMicros;
    }

    /// <summary>A rise is believed at once, a fall little by little: late is worse than careful.</summary>
    public void TakeHigh(double value, long nowMicros, TimeSpan constant)
    {
        if (value >= Value)
            (Value, AtMicros) = (value, nowMicros);
        else
            Take(value, nowMicros, constant);
    }

    public void Set(double value, long nowMicros) => (Value, AtMicros) = (value, nowMicros);
}
