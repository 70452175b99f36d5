using System.Globalization;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>What a list is sorted by: a number, else a text by its characters' codes.</summary>
internal readonly record struct SortKey(double Number, string Text) : IComparable<SortKey>
{
    public static implicit operator SortKey(double number) => new(double.IsNaN(number) ? double.NegativeInfinity : number, "");

    public static implicit operator SortKey(bool flag) => new(flag ? 1 : 0, "");

    public static implicit operator SortKey(string text) => new(0, text);

    public static bool TryParse(string number, string text, out SortKey key)
    {
        key = new SortKey(0, text);
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return false;
        key = key with { Number = value };
        return true;
    }

    public string NumberText() => Number.ToString("R", CultureInfo.InvariantCulture);

    public int CompareTo(SortKey other)
    {
        var byNumber = Number.CompareTo(other.Number);
        return byNumber != 0 ? byNumber : string.CompareOrdinal(Text, other.Text);
    }
}
