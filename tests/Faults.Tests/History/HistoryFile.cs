using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Faults.History;

/// <summary>
/// A history as it is written: one line of JSON for each record, handed to the system before the call returns, so that it outlives this process; and kept for the checker. Safe for use from many threads.
/// </summary>
public sealed class HistoryFile : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly Lock _gate = new();
    private readonly List<HistoryRecord> _records = [];
    private readonly StreamWriter _file;

    /// <summary>Begins a history; what the file held before is gone.</summary>
    public HistoryFile(string path) => _file = new(path) { AutoFlush = true };

    /// <summary>Nanoseconds of the machine's monotonic clock.</summary>
    public static long Now => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>Writes a record, at the present time unless it has one.</summary>
    public void Add(HistoryRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            var stamped = record.T == 0 ? record with { T = Now } : record;
            _records.Add(stamped);
            _file.WriteLine(JsonSerializer.Serialize(stamped, Json));
        }
    }

    /// <summary>All so far, in the order in which they came.</summary>
    public IReadOnlyList<HistoryRecord> Records()
    {
        lock (_gate)
        {
            return [.. _records];
        }
    }

    /// <summary>Reads a history again. A last line that is not whole (its writer was killed in it) is left out.</summary>
    public static IReadOnlyList<HistoryRecord> Read(string path)
    {
        var text = File.ReadAllText(path);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<HistoryRecord>(line, Json)!)];
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
