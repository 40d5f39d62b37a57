using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Warroom.Bench.Load;

/// <summary>One line of a result table: what was measured, beside its baseline of the same run.</summary>
internal sealed record ResultRow(string Workload, string Figure, double Ours, double Baseline, string BaselineName, string Target, bool? Met)
{
    public double Ratio => Ours / Baseline;
}

/// <summary>Collects rows, prints a Markdown table as it goes, and writes Markdown and JSON at the end.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly List<ResultRow> _rows = [];

    public void Add(string workload, string figure, double ours, double baseline, string baselineName, string target, bool? met)
    {
        var row = new ResultRow(workload, figure, ours, baseline, baselineName, target, met);
        _rows.Add(row);
        Console.WriteLine(Line(row));
    }

    public static void PrintHead() => Console.WriteLine(Head);

    public void Write(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var text = new StringBuilder($"{Head}\n");
        foreach (var row in _rows)
            text.Append(Line(row)).Append('\n');
        File.WriteAllText(Path.Combine(folder, $"{name}.md"), text.ToString());
        File.WriteAllText(Path.Combine(folder, $"{name}.json"), JsonSerializer.Serialize(_rows, Json));
    }

    private const string Head = "| workload | figure | ours | baseline | ratio | baseline is | target | met |\n|---|---|---:|---:|---:|---|---|---|";

    private static string Line(ResultRow row) =>
        $"| {row.Workload} | {row.Figure} | {Number(row.Ours)} | {Number(row.Baseline)} | {Number(row.Ratio)} | {row.BaselineName} | {row.Target} | {(row.Met is null ? "" : row.Met.Value ? "yes" : "**no**")} |";

    private static string Number(double value) => value switch
    {
        double.NaN => "–",
        >= 10_000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
