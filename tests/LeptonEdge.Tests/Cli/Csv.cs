using System.Text;

namespace LeptonEdge.Tests.Cli;

/// <summary>Reads RFC 4180, strictly.</summary>
internal static class Csv
{
    /// <exception cref="FormatException">A quote or a line's end is where none may be.</exception>
    public static IReadOnlyList<string[]> Read(string text)
    {
        var (rows, cells, cell) = (new List<string[]>(), new List<string>(), new StringBuilder());
        for (var at = 0; at < text.Length; at++)
        {
            if (cell.Length == 0 && text[at] == '"')
            {
                for (at++; text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'); at++)
                {
                    if (text[at] == '"')
                        at++;
                    cell.Append(text[at]);
                }

                at++;
            }

            if (text[at] is ',' or '\r')
            {
                cells.Add(cell.ToString());
                cell.Clear();
                if (text[at] == ',')
                    continue;
                if (text[++at] != '\n')
                    throw new FormatException($"a line ends without a line feed at {at}");
                rows.Add([.. cells]);
                cells.Clear();
                continue;
            }

            if (text[at] is '"' or '\n')
                throw new FormatException($"a bare {(int)text[at]} at {at}");
            cell.Append(text[at]);
        }

        return cells.Count + cell.Length == 0 ? rows : throw new FormatException("the last line does not end");
    }
}
