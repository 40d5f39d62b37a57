using System.ComponentModel.DataAnnotations;

namespace Warroom.Frontend.Live;

/// <summary>How live delivery is bounded. Section <c>Live</c>.</summary>
public sealed class LiveOptions
{
    /// <summary>What may wait for one connection, in bytes, before it is told to catch up instead. Default: 1 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int OutboxBytesMax { get; set; } = 1024 * 1024;

    /// <summary>How long a connection that is told to catch up may take to read what it was sent before it is closed. 0.1 s to 10 min. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a feed stays after its last viewer left. 0 to 1 h. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the feeds compare themselves with the database, in case a stream lost something and nothing follows that would show it. 10 ms to 1 h. Default: 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan AuditInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The recent events that a feed keeps, so that most viewers join and resume without a read. Default: 500.</summary>
    [Range(1, 10_000)]
    public int TailEventsMax { get; set; } = 500;

    /// <summary>The same, in characters of their bodies. Default: 1 Mi.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int TailLengthMax { get; set; } = 1024 * 1024;

    /// <summary>What one connection may watch at once. Default: 64.</summary>
    [Range(1, 10_000)]
    public int WatchesMax { get; set; } = 64;
}
