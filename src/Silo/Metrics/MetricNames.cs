using System.Collections.Frozen;
using System.Text;
using OpenTelemetry.Metrics;

namespace Warroom.Metrics;

/// <summary>How instruments are called in Prometheus: promised names by a table, the others by Prometheus' rules (snake_case, unit, <c>_total</c> for counters).</summary>
internal static class MetricNames
{
    public const string RequestDuration = "http_request_duration_seconds";
    public const string Requests = "http_requests_total";

    private static readonly FrozenDictionary<string, string> Promised = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["http.server.request.duration"] = RequestDuration,
        ["http.server.active_requests"] = "http_requests_active",
        ["db.client.operation.duration"] = "database_query_duration_seconds",
        ["process.cpu.seconds"] = "process_cpu_seconds_total",
        ["process.cpu.user.seconds"] = "process_cpu_user_seconds_total",
        ["process.cpu.system.seconds"] = "process_cpu_system_seconds_total",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Labels = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["http.request.method"] = "method",
        ["http.route"] = "path",
        ["http.response.status_code"] = "status",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // A unit in braces is an annotation, not a unit (UCUM).
    private static readonly FrozenDictionary<string, string> Units = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["s"] = "seconds",
        ["By"] = "bytes",
        ["1"] = "ratio",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // .NET reports these as counters although they go up and down (dotnet/runtime: System.Diagnostics.Metrics.RuntimeMetrics, .NET 9 and 10).
    private static readonly FrozenSet<string> Levels = FrozenSet.ToFrozenSet(["dotnet.thread_pool.queue.length", "dotnet.thread_pool.thread.count"], StringComparer.Ordinal);

    /// <summary>Whether it only grows.</summary>
    public static bool IsCounter(Metric metric) => metric.MetricType is MetricType.LongSum or MetricType.DoubleSum && !Levels.Contains(metric.Name);

    /// <summary>The name of a metric.</summary>
    public static string Of(Metric metric)
    {
        if (Promised.TryGetValue(metric.Name, out var promised))
        {
            return promised;
        }

        var name = Snake(metric.Name);
        var isCounter = IsCounter(metric);
        if (Units.TryGetValue(metric.Unit ?? "", out var unit) && !name.EndsWith($"_{unit}", StringComparison.Ordinal) && !(unit == "ratio" && isCounter))
        {
            name = $"{name}_{unit}";
        }

        // promtool: only histograms and summaries end in _count.
        if (metric.MetricType != MetricType.Histogram && name.EndsWith("_count", StringComparison.Ordinal))
        {
            var one = name[..^"_count".Length];
            name = one.EndsWith('y') ? $"{one[..^1]}ies" : $"{one}s";
        }

        return isCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    /// <summary>The name of a label.</summary>
    public static string Label(string tag) => Labels.TryGetValue(tag, out var label) ? label : Snake(tag);

    /// <summary>A route template without constraints and trailing slash: <c>/api/incidents/{id}</c>. Two routes that differ in no more would make one series twice; there are none.</summary>
    public static string Route(string template)
    {
        if (template.Length > 1 && template[^1] == '/')
        {
            template = template[..^1];
        }

        for (var colon = template.IndexOf(':', StringComparison.Ordinal); colon >= 0; colon = template.IndexOf(':', StringComparison.Ordinal))
        {
            var end = template.IndexOf('}', colon);
            if (end < 0)
            {
                break;
            }

            // A constraint may hold braces itself (a regular expression's): then it ends at the last one of its segment.
            var segment = template.IndexOf('/', colon);
            end = Math.Max(end, template.LastIndexOf('}', segment < 0 ? template.Length - 1 : segment));
            template = string.Concat(template.AsSpan(0, colon), template.AsSpan(end));
        }

        return template;
    }

    private static string Snake(string name)
    {
        var snake = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            var kept = char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_';
            if (kept != '_' || (snake.Length > 0 && snake[^1] != '_'))
            {
                snake.Append(kept);
            }
        }

        return snake.Length > 0 && char.IsAsciiDigit(snake[0]) ? $"_{snake}" : snake.ToString();
    }
}
