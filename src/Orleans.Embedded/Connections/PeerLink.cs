using System.Net;
using Microsoft.Extensions.Logging;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>
/// The way to one silo: its connection, and the calls that wait while there is none. It connects again, with growing pauses, until the silo is no member any
/// more; then what waits is routed anew.
/// </summary>
internal sealed partial class PeerLink(ClusterNetwork network, SiloAddress silo, IPEndPoint endpoint, ILogger logger) : IWatched
{
    private const int WaitingCallsMax = 10_000;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _retire = new();
    private LinkedList<GrainRequest> _waiting = new();
    private PeerConnection? _connection;
    private Exception? _lastFailure;
    private RemoteRoute? _route;
    private bool _connecting;
    private bool _watched;
    private bool _retired;
    private bool _hasLeft;

    public SiloAddress Silo => silo;

    /// <summary>The connection; null while there is none.</summary>
    public PeerConnection? Connection => Volatile.Read(ref _connection) is { IsClosed: false } connection ? connection : null;

    /// <summary>Why there is no connection, as far as it is known.</summary>
    public Exception? LastFailure => _lastFailure;

    /// <summary>What references keep for calls to this silo; good for one view of the cluster.</summary>
    public RemoteRoute RouteIn(IMembership membership, long version)
    {
        if (Volatile.Read(ref _route) is { } route && route.Version == version) return route;
        route = new RemoteRoute(this, membership, version);
        Volatile.Write(ref _route, route);
        return route;
    }

    /// <summary>A call was sent by a route of that view.</summary>
    public void OnSent(GrainRequest request, long version) => network.Router.OnSent(request, silo, version);

    /// <summary>Sends a call, or keeps it until there is a connection. False if the silo is no member any more.</summary>
    public bool TrySend(GrainRequest request)
    {
        var current = Volatile.Read(ref _connection);
        if (current is not null && current.TrySendCall(request)) return true;
        var full = false;
        var watch = false;
        lock (_lock)
        {
            if (_retired) return false;

            // While calls wait this one goes behind them; a connection is there for new calls only when none wait any more.
            if (_connection is { } connection && !ReferenceEquals(connection, current) && connection.TrySendCall(request)) return true;
            full = _waiting.Count >= WaitingCallsMax;
            if (!full)
            {
                request.Holder = null;
                request.IsTakenBack = false;
                _waiting.AddLast(request);
                if (!_watched) _watched = watch = true;
            }
        }

        if (watch) network.Runtime.Watch.Add(this);
        if (full) request.Fail(new LimitExceededException("calls that wait for a connection", WaitingCallsMax, WaitingCallsMax, $"to silo {silo}"));
        Connect();
        return true;
    }

    /// <summary>Adds the calls to this silo that have no answer yet to a list.</summary>
    public void CopyCallsTo(List<GrainRequest> calls)
    {
        lock (_lock) calls.AddRange(_waiting);
        Connection?.CopyPendingTo(calls);
    }

    /// <summary>Connects unless that is being done or done.</summary>
    public void Connect()
    {
        lock (_lock)
        {
            if (_retired || _connecting || _connection is { TakesCalls: true }) return;
            _connecting = true;
        }

        _ = CleanFlow.Run(() => Task.Run(ConnectAsync));
    }

    /// <summary>The view has changed: what waits while there is no connection may belong to another silo now.</summary>
    public void OnView()
    {
        LinkedList<GrainRequest> waiting;
        lock (_lock)
        {
            if (_retired || _waiting.Count == 0) return;
            waiting = _waiting;
            _waiting = new LinkedList<GrainRequest>();
        }

        foreach (var request in waiting) network.Router.RouteUnsent(request);
    }

    /// <summary>The silo is gone, or this process ends: what waits is routed again.</summary>
    public void Retire(Exception reason, bool abruptly = false)
    {
        LinkedList<GrainRequest> waiting;
        PeerConnection? connection;
        lock (_lock)
        {
            if (_retired) return;
            _retired = true;
            waiting = _waiting;
            _waiting = new LinkedList<GrainRequest>();
            connection = _connection;
        }

        _retire.Cancel();

        // A silo that leaves in order answers what it was called for, and closes the connection itself.
        if (abruptly || connection is not { PeerLeaves: true, PendingCount: > 0 }) connection?.Close(reason, abruptly);
        foreach (var request in waiting) network.Router.RouteUnsent(request);
    }

    /// <summary>A connection of this link has ended.</summary>
    public void OnClosed(PeerConnection connection, Exception reason)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_connection, connection)) return;
            _connection = null;
            _lastFailure = reason;
            _hasLeft = connection.PeerLeaves;
        }

        Connect();
    }

    public bool CheckDeadlines(long now)
    {
        List<GrainRequest>? late = null;
        bool watch;
        lock (_lock)
        {
            for (var node = _waiting.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Deadline <= now || node.Value is { IsAnswered: true, IsOneWay: false })
                {
                    (late ??= []).Add(node.Value);
                    _waiting.Remove(node);
                }

                node = next;
            }

            watch = _watched = _waiting.Count > 0;
        }

        if (late is null) return watch;
        foreach (var request in late)
            request.Fail(new SiloUnavailableException($"Silo {silo} could not be reached in time for {request}. {_lastFailure?.Message}", _lastFailure));
        return watch;
    }

    private async Task ConnectAsync()
    {
        var pause = PauseMin;
        while (!_retire.IsCancellationRequested)
        {
            try
            {
                var (socket, stream, peer) = await ConnectionDialer.DialAsync(endpoint, silo, network.Settings, _retire.Token);
                if (Take(network.Add(socket, stream, peer, isDialled: true))) return;
            }
            catch (Exception exception) when (!_retire.IsCancellationRequested)
            {
                var isNew = _lastFailure?.Message != exception.Message;
                _lastFailure = exception;
                if (isNew) LogFailure(exception);
            }
            catch (Exception)
            {
                // Given up meanwhile, whether the attempt ended by that or by itself at the same moment.
                return;
            }

            // Half of it by chance, so that those who lost the same silo do not come back as one.
            var wait = pause * (0.5 + (network.Settings.Random() / 2));
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            await Task.Delay(wait, TimeProvider.System, _retire.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One that has left in order is not there, of course; until it is no member either it is looked for all the same, should it have come to nothing.</summary>
    private void LogFailure(Exception exception)
    {
        var text = ConnectionListener.Explain(exception).Text;
        if (_hasLeft || network.IsLeaving(silo)) LogHasLeft(silo, endpoint, text);
        else LogNotConnected(silo, endpoint, text);
    }

    /// <summary>Takes a new connection into use; what waits goes first.</summary>
    private bool Take(PeerConnection connection)
    {
        lock (_lock)
        {
            if (!_retired)
            {
                while (_waiting.First is { } first)
                {
                    if (first.Value is not { IsAnswered: true, IsOneWay: false } && !connection.TrySendCall(first.Value)) break;
                    _waiting.RemoveFirst();
                }

                if (_waiting.Count == 0 && !connection.IsClosed)
                {
                    Volatile.Write(ref _connection, connection);
                    _connecting = false;
                    _lastFailure = null;
                    connection.Start();
                    return true;
                }
            }
        }

        connection.Close(new IOException($"The connection to silo {silo} ended as it began."));
        return false;
    }

    [LoggerMessage(1332, LogLevel.Debug, "Silo {Silo} at {Endpoint} has left and is still a member: {Text}")]
    private partial void LogHasLeft(SiloAddress silo, IPEndPoint endpoint, string text);

    [LoggerMessage(1331, LogLevel.Warning, "Silo {Silo} at {Endpoint} cannot be reached; it is tried again: {Text}")]
    private partial void LogNotConnected(SiloAddress silo, IPEndPoint endpoint, string text);
}

/// <summary>Calls to one silo, as long as the view of the cluster is the one in which it was found to own the grain.</summary>
internal sealed class RemoteRoute(PeerLink link, IMembership membership, long version) : ICallTarget
{
    public long Version => version;

    public bool TryAccept(GrainRequest request)
    {
        if (membership.View.Version != version || !link.TrySend(request)) return false;
        link.OnSent(request, version);
        return true;
    }
}

/// <summary>Calls to one client, as long as its connection is the one it was found by.</summary>
internal sealed class ClientRoute(PeerConnection connection) : ICallTarget
{
    public bool TryAccept(GrainRequest request) => connection.TrySendCall(request);
}
