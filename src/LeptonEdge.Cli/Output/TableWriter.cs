using System.Text;
using System.Text.Json;

namespace LeptonEdge.Cli.Output;

/// <summary>Tables for reading: a heading in upper case, columns three blanks apart, no lines between.</summary>
internal static class TableWriter
{
    private const string Between = "   ";

    // A column that is cut must still say something.
    private const int LastMin = 16;

    public static string Text(Sheet sheet, IReadOnlyList<JsonElement> rows, bool wide, long nowMicros)
    {
        var columns = sheet.Columns.Where(column => wide || !column.IsWide).ToArray();
        return Text(
            [.. columns.Select(column => column.Title.ToUpperInvariant())],
            [.. columns.Select(column => column.IsRight)],
            [
                .. rows.Select(row => columns
                    .Select(column => Shown(column.Read(row, nowMicros), wide && column.IsExact)).ToArray()),
            ],
            wide ? null : Terminal.Width, Terminal.HasColour);
    }

    /// <param name="rights">Which columns are aligned to the right.</param>
    /// <param name="width">Cells in a line, which the last column is cut for; null cuts nothing.</param>
    public static string Text(
        string[] titles, bool[] rights, IReadOnlyList<Cell[]> rows, int? width = null, bool colour = false)
    {
        var widths = new int[titles.Length];
        for (var i = 0; i < titles.Length; i++)
        {
            widths[i] = TextWidth.Of(titles[i]);
            foreach (var row in rows)
                widths[i] = Math.Max(widths[i], TextWidth.Of(row[i].Text));
        }

        var before = widths[..^1].Sum() + Between.Length * (titles.Length - 1);
        if (width is { } cells && !rights[^1] && cells - before >= LastMin)
            widths[^1] = Math.Min(widths[^1], cells - before);
        var text = new StringBuilder();
        Line(text, [.. titles.Select(title => new Cell(title))], widths, rights, colour: false);
        foreach (var row in rows)
            Line(text, row, widths, rights, colour);
        return text.ToString();
    }

    public static Cell Shown(Cell cell, bool exact)
    {
        var text = (exact ? cell.Exact ?? cell.Text : cell.Text) ?? "";
        return cell with { Text = text.Length == 0 ? "-" : TextWidth.OneLine(text) };
    }

    private static void Line(StringBuilder text, Cell[] cells, int[] widths, bool[] rights, bool colour)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            var last = i == cells.Length - 1;
            var shown = TextWidth.Cut(cells[i].Text, widths[i]);
            // Nothing hangs on blanks at a line's end, and a narrow terminal would wrap them.
            if (!last || rights[i])
                shown = TextWidth.Pad(shown, widths[i], rights[i]);
            text.Append(colour ? Terminal.Paint(shown, cells[i].Tone) : shown).Append(last ? "\n" : Between);
        }
    }
}
