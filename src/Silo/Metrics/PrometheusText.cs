using System.Buffers;
using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace Warroom.Metrics;

/// <summary>Writes metrics in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal sealed class PrometheusText
{
    private const int LabelLengthMax = 200;
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\n");
    private readonly StringBuilder _text = new(64 * 1024);
    private readonly SortedDictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);

    public override string ToString() => _text.ToString();

    public void Write(Metric metric)
    {
        var name = MetricNames.Of(metric);

        // Two meters with one name would make the whole page unreadable; the first wins.
        if (!_families.Add(name))
        {
            return;
        }

        switch (metric.MetricType)
        {
            case MetricType.Histogram:
                WriteHistogram(metric, name);
                break;
            case MetricType.LongSum or MetricType.DoubleSum:
                WriteValues(metric, name, MetricNames.IsCounter(metric) ? "counter" : "gauge");
                break;
            case MetricType.LongGauge or MetricType.DoubleGauge or MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic:
                WriteValues(metric, name, "gauge");
                break;
            default:
                // No instrument of ours is exported as an exponential histogram.
                break;
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static double ValueOf(Metric metric, in MetricPoint point) => metric.MetricType switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private void WriteValues(Metric metric, string name, string type)
    {
        WriteHead(name, metric.Description, type);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            _text.Append(name);
            WriteLabels(point, bound: null);
            _text.Append(' ').Append(Number(ValueOf(metric, point))).Append('\n');
        }
    }

    private void WriteHistogram(Metric metric, string name)
    {
        WriteHead(name, metric.Description, "histogram");
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var count = 0L;
            foreach (var bucket in point.GetHistogramBuckets())
            {
                count += bucket.BucketCount;
                _text.Append(name).Append("_bucket");
                WriteLabels(point, Number(bucket.ExplicitBound));
                _text.Append(' ').Append(count).Append('\n');
            }

            _text.Append(name).Append("_sum");
            WriteLabels(point, bound: null);
            _text.Append(' ').Append(Number(point.GetHistogramSum())).Append('\n');
            _text.Append(name).Append("_count");
            WriteLabels(point, bound: null);
            _text.Append(' ').Append(count).Append('\n');
        }

        if (name == MetricNames.RequestDuration && _families.Add(MetricNames.Requests))
        {
            WriteHead(MetricNames.Requests, "HTTP requests by method, route and status.", "counter");
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                _text.Append(MetricNames.Requests);
                WriteLabels(point, bound: null);
                _text.Append(' ').Append(point.GetHistogramCount()).Append('\n');
            }
        }
    }

    private void WriteHead(string name, string? description, string type) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(Help(description, name)).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static string Help(string? description, string name) =>
        string.IsNullOrWhiteSpace(description) ? name.Replace('_', ' ') : description.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private void WriteLabels(in MetricPoint point, string? bound)
    {
        var open = '{';
        _labels.Clear();
        foreach (var tag in point.Tags)
        {
            var label = MetricNames.Label(tag.Key);
            var value = Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "";
            _labels[label] = label == "path" ? MetricNames.Route(value) : value;
        }

        foreach (var (label, value) in _labels)
        {
            WriteLabel(ref open, label, value);
        }

        if (bound is not null)
        {
            WriteLabel(ref open, "le", bound);
        }

        if (open == ',')
        {
            _text.Append('}');
        }
    }

    private void WriteLabel(ref char open, string name, string value)
    {
        _text.Append(open).Append(name).Append("=\"");
        open = ',';
        var bounded = value.Length <= LabelLengthMax ? value : value[..LabelLengthMax];
        if (bounded.AsSpan().IndexOfAny(Escaped) < 0)
        {
            _text.Append(bounded);
        }
        else
        {
            foreach (var character in bounded)
            {
                _ = character switch
                {
                    '\\' => _text.Append("\\\\"),
                    '"' => _text.Append("\\\""),
                    '\n' => _text.Append("\\n"),
                    _ => _text.Append(character),
                };
            }
        }

        _text.Append('"');
    }
}
