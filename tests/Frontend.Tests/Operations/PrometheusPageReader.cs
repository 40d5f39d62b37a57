using System.Globalization;
using System.Text.RegularExpressions;

namespace Warroom.Frontend.Tests.Operations;

/// <summary>Reads Prometheus' text format and accepts nothing that its page on exposition formats does not allow.</summary>
internal sealed partial class PrometheusPageReader
{
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly HashSet<string> _helped = new(StringComparer.Ordinal);
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private string _family = "";

    public PrometheusPageReader(string page)
    {
        Assert.EndsWith("\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', page);
        foreach (var line in page[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var name = line.Split(' ', 4)[2];
                Assert.True(_helped.Add(name), $"{name} has two HELP lines.");
                Begin(name);
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                Assert.Equal(4, parts.Length);
                Assert.Contains(parts[3], (string[])["counter", "gauge", "histogram", "summary", "untyped"]);
                Begin(parts[2]);
                Assert.True(_types.TryAdd(parts[2], parts[3]), $"{parts[2]} has two TYPE lines.");
            }
            else
            {
                Read(line);
            }
        }

        CheckHistograms();
    }

    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>Samples by name and labels, as they stand on the page.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    private void Begin(string family)
    {
        Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", family);
        if (family != _family)
        {
            _finished.Add(_family);
            Assert.False(_finished.Contains(family), $"The lines of {family} do not stand together.");
            _family = family;
        }
    }

    private void Read(string line)
    {
        var match = Sample().Match(line);
        Assert.True(match.Success, $"Not a sample: {line}");
        var name = match.Groups["name"].Value;
        var family = _types.GetValueOrDefault(_family) == "histogram" ? Suffix().Replace(name, "") : name;
        Assert.True(family == _family, $"{name} stands among the lines of {_family}.");
        Assert.True(_types.ContainsKey(family), $"{name} comes before its TYPE line.");
        var labels = match.Groups["label"].Captures.Select(label => label.Value).ToList();
        Assert.Equal(labels.Count, labels.Distinct(StringComparer.Ordinal).Count());
        Assert.All(labels, label => Assert.False(label.StartsWith("__", StringComparison.Ordinal)));
        var text = match.Groups["value"].Value;
        var value = text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        };
        Assert.True(_samples.TryAdd(line[..line.LastIndexOf(' ')], value), $"Twice: {line}");
        if (_types[family] == "counter")
        {
            Assert.True(value >= 0 && name.EndsWith("_total", StringComparison.Ordinal), $"No counter: {line}");
        }
    }

    private void CheckHistograms()
    {
        foreach (var (sample, count) in _samples.Where(sample => sample.Key.Contains("_count", StringComparison.Ordinal) && _types.GetValueOrDefault(sample.Key.Split('{')[0].Replace("_count", "", StringComparison.Ordinal)) == "histogram"))
        {
            var name = sample.Split('{')[0][..^"_count".Length];
            var labels = sample.Contains('{', StringComparison.Ordinal) ? sample[(sample.IndexOf('{', StringComparison.Ordinal) + 1)..^1] + "," : "";
            var buckets = _samples.Where(bucket => bucket.Key.StartsWith($"{name}_bucket{{{labels}le=\"", StringComparison.Ordinal)).ToList();
            Assert.True(buckets.Count > 0, $"{sample} has no buckets.");
            Assert.EndsWith("le=\"+Inf\"}", buckets[^1].Key, StringComparison.Ordinal);
            Assert.Equal(count, buckets[^1].Value);
            Assert.Equal(buckets.Select(bucket => bucket.Value).Order(), buckets.Select(bucket => bucket.Value));
        }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\\n]|\\["\\n])*",?)*\})? (?<value>[-+]?(Inf|[0-9.eE+-]+)|NaN)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Suffix();
}
