using System.Text;

namespace Warroom.Control;

/// <summary>Text in columns as wide as their widest cell. Columns of figures end at the right.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        var widths = heads.Select((head, column) => _rows.Select(row => row[column].Length).Append(Name(head).Length).Max()).ToArray();
        var text = new StringBuilder();
        Write(text, [.. heads.Select(Name)], widths);
        foreach (var row in _rows)
            Write(text, row, widths);
        return text.ToString();
    }

    // A head that begins with ">" names a column of figures.
    private static string Name(string head) => head.TrimStart('>');

    private void Write(StringBuilder text, string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < cells.Length; column++)
        {
            if (column > 0)
                line.Append("  ");
            line.Append(heads[column].StartsWith('>') ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column]));
        }

        text.AppendLine(line.ToString().TrimEnd());
    }
}
