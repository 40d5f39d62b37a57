using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace Warroom.Frontend.Live;

/// <summary>SignalR's own lifetime manager, with an <see cref="Outbox"/> for each connection (in its features).</summary>
internal sealed class LiveConnections<THub>(ILogger<DefaultHubLifetimeManager<THub>> logger, IOptions<LiveOptions> options, LiveMetrics metrics, TimeProvider time)
    : DefaultHubLifetimeManager<THub>(logger)
    where THub : Hub
{
    private static readonly bool IsChat = typeof(THub) == typeof(ChatHub);
    private readonly ConcurrentDictionary<string, HubConnectionContext> _connections = new(StringComparer.Ordinal);

    /// <summary>Those that are connected now.</summary>
    public IEnumerable<HubConnectionContext> All => _connections.Values;

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        connection.Features.Set(new Outbox(new HubOutboxConnection(connection), options.Value, metrics, time));
        _connections.TryAdd(connection.ConnectionId, connection);
        metrics.Connected(IsChat);
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        connection.Features.Get<Outbox>()?.Close();
        metrics.Disconnected(IsChat);
        return base.OnDisconnectedAsync(connection);
    }
}
