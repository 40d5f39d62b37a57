using System.Diagnostics.Metrics;

namespace Warroom.Frontend.Live;

/// <summary>What live delivery counts.</summary>
public sealed class LiveMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Warroom.Live";

    private static readonly KeyValuePair<string, object?> Warroom = new("hub", "warroom");
    private static readonly KeyValuePair<string, object?> Chat = new("hub", "chat");
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _feeds;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _behind;
    private readonly Counter<long> _aborted;
    private readonly Counter<long> _gaps;

    /// <summary>Makes the instruments.</summary>
    public LiveMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var meter = factory.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("warroom.realtime.connections", "{connection}", "Realtime connections that are open now.");
        _feeds = meter.CreateUpDownCounter<long>("warroom.live.feeds", "{feed}", "Incidents and sessions that are followed now.");
        _deliveries = meter.CreateCounter<long>("warroom.live.deliveries", "{delivery}", "Updates handed to connections.");
        _tokens = meter.CreateCounter<long>("warroom.live.tokens", "{token}", "Tokens that came to this front end to be relayed.");
        _dropped = meter.CreateCounter<long>("warroom.live.outbox.dropped", "{message}", "Updates dropped because a connection was slow.");
        _behind = meter.CreateCounter<long>("warroom.live.outbox.overflows", "{overflow}", "Times that a slow connection was told to catch up.");
        _aborted = meter.CreateCounter<long>("warroom.live.outbox.aborts", "{connection}", "Connections closed because they did not read.");
        _gaps = meter.CreateCounter<long>("warroom.live.gaps", "{gap}", "Times that a stream had lost something and the log was read instead.");
    }

    internal void Connected(bool chat) => _connections.Add(1, chat ? Chat : Warroom);

    internal void Disconnected(bool chat) => _connections.Add(-1, chat ? Chat : Warroom);

    internal void FeedOpened() => _feeds.Add(1);

    internal void FeedClosed() => _feeds.Add(-1);

    internal void Delivered(int count) => _deliveries.Add(count);

    internal void TokensRelayed(int count) => _tokens.Add(count);

    internal void Dropped(int count) => _dropped.Add(count);

    internal void Overflowed() => _behind.Add(1);

    internal void Aborted() => _aborted.Add(1);

    internal void GapSeen() => _gaps.Add(1);
}
