using System.Globalization;
using System.Text.Json;

namespace Warroom.Control;

/// <summary>Answers as text for people.</summary>
internal static class ClusterText
{
    private const string Nothing = "-";

    public static string Status(JsonElement cluster)
    {
        var table = new Table("SILO", "STATUS", "ADDRESS", ">UPTIME", ">GRAINS", ">CALLS/S", ">P50", ">P99", ">WAITING", ">MEMORY", ">CPU", ">LEASE", ">REPORT");
        foreach (var silo in Silos(cluster))
        {
            // What a silo reported last before it ended is true of nothing now.
            var figures = HasEnded(silo) ? default : Member(silo, "figures");
            table.Add(
                Text(silo, "name"), State(silo), Text(silo, "address"), Uptime(figures), Count(figures, "activations"), Rate(figures, "calls_per_second"), Ms(figures, "call_p50_ms"), Ms(figures, "call_p99_ms"),
                Count(figures, "mailbox_depth"), Mebibytes(Member(figures, "process")), Percent(Member(figures, "process")), Ms(silo, "lease_age_ms"), Ms(silo, "report_age_ms"));
        }

        var totals = cluster.GetProperty("totals");
        return $"{table}\n{Count(totals, "active")} active, {Count(totals, "draining")} draining, {Count(totals, "stale")} silent; {Count(totals, "activations")} grains, {Rate(totals, "calls_per_second")} calls/s, {Count(totals, "mailbox_depth")} waiting\n";
    }

    public static string Grains(JsonElement cluster)
    {
        var table = new Table("KIND", "SILO", ">GRAINS");
        foreach (var kind in cluster.GetProperty("totals").GetProperty("grains").EnumerateArray())
        {
            table.Add(Text(kind, "kind"), "all", Count(kind, "count"));
            foreach (var silo in Silos(cluster))
            {
                foreach (var grain in Member(silo, "figures") is { ValueKind: JsonValueKind.Object } figures && !IsStale(silo) && !HasEnded(silo) ? figures.GetProperty("grains").EnumerateArray() : default)
                {
                    if (Text(grain, "kind") == Text(kind, "kind"))
                        table.Add("", Text(silo, "name"), Count(grain, "count"));
                }
            }
        }

        return table.ToString();
    }

    public static string Commands(JsonElement commands)
    {
        var table = new Table("WHEN", "WHO", "WHAT", "TARGET", "OUTCOME");
        foreach (var command in commands.EnumerateArray())
            table.Add(Text(command, "requested_at"), Text(command, "requested_by"), Text(command, "kind"), Text(command, Text(command, "kind") == "drain" ? "silo_id" : "grain_id"), Text(command, "outcome"));
        return table.ToString();
    }

    public static IEnumerable<JsonElement> Silos(JsonElement cluster) => cluster.GetProperty("silos").EnumerateArray();

    public static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Nothing;

    public static bool IsStale(JsonElement silo) => silo.GetProperty("stale").GetBoolean();

    public static bool HasEnded(JsonElement silo) => Text(silo, "status") is "stopped" or "dead";

    public static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static string State(JsonElement silo) => IsStale(silo) ? $"{Text(silo, "status")} (silent)" : Text(silo, "status");

    private static string Number(JsonElement element, string name, Func<double, string> format) => Member(element, name) is { ValueKind: JsonValueKind.Number } number ? format(number.GetDouble()) : Nothing;

    private static string Count(JsonElement element, string name) => Number(element, name, value => value.ToString("0", CultureInfo.InvariantCulture));

    private static string Rate(JsonElement element, string name) => Number(element, name, value => value.ToString("0.#", CultureInfo.InvariantCulture));

    private static string Mebibytes(JsonElement process) => Number(process, "working_set_bytes", value => (value / (1 << 20)).ToString("0 MiB", CultureInfo.InvariantCulture));

    private static string Percent(JsonElement process) => Number(process, "cpu_percent", value => value.ToString("0 '%'", CultureInfo.InvariantCulture));

    private static string Ms(JsonElement element, string name) =>
        Number(element, name, value => value >= 1_000 ? (value / 1_000).ToString("0.0 s", CultureInfo.InvariantCulture) : value.ToString(value < 10 ? "0.##' ms'" : "0' ms'", CultureInfo.InvariantCulture));

    private static string Uptime(JsonElement figures) => Number(figures, "uptime_seconds", value =>
    {
        var uptime = TimeSpan.FromSeconds(value);
        return uptime.Days > 0 ? $"{uptime.Days}d {uptime:hh\\:mm\\:ss}" : uptime.ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture);
    });
}
