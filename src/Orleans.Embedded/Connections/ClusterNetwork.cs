using Orleans.Embedded.CodeGeneration;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>All connections of one silo or client: those it made to silos, and in a silo those that silos and clients made to it.</summary>
internal sealed partial class ClusterNetwork : IConnectionOwner
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswersPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<SiloAddress, PeerLink> _links = new();
    private readonly ConcurrentDictionary<string, PeerConnection> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<PeerConnection, PeerLink?> _connections = new();
    private readonly IMembership _membership;
    private readonly RemoteCalls _calls;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ConnectionListener> _listeners = [];
    private Task _following = Task.CompletedTask;
    private volatile bool _ended;

    public ClusterNetwork(
        ProcessRuntime runtime, ConnectionSettings settings, IMembership membership, ClusterRouter router, IWireSerializer serializer, ConnectionMetrics metrics, ILogger logger)
    {
        Runtime = runtime;
        Settings = settings;
        Router = router;
        Metrics = metrics;
        _membership = membership;
        _calls = new RemoteCalls(runtime, serializer, membership, router);
        _logger = logger;
    }

    /// <summary>The connections and the router of a silo or client that is set up with a membership.</summary>
    public static ClusterNetwork Create(ProcessRuntime runtime, PeerIdentity self, IGrainPlacement placement)
    {
        var services = runtime.Services;
        var membership = services.GetRequiredService<IMembership>();
        var settings = ConnectionSettings.Create(
            self, services.GetRequiredService<IOptions<ClusterOptions>>().Value, services.GetRequiredService<IOptions<EmbeddedClusterOptions>>().Value);
        var router = new ClusterRouter(runtime, membership, placement);
        ClusterNetwork? made = null;
        var metrics = new ConnectionMetrics(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), () => made?.ConnectionCount ?? 0, () => made?.PendingCount ?? 0);
        made = new ClusterNetwork(
            runtime, settings, membership, router, new WireSerializer(runtime.Grains, () => runtime.Factory), metrics, services.GetRequiredService<ILogger<ClusterNetwork>>());
        router.Network = made;
        return made;
    }

    public ProcessRuntime Runtime { get; }

    public ConnectionSettings Settings { get; }

    public ClusterRouter Router { get; }

    public ConnectionMetrics Metrics { get; }

    /// <summary>Whether the connections have ended for good.</summary>
    public bool IsEnded => _ended;

    public int ConnectionCount => _connections.Count;

    /// <summary>All connections, of either direction.</summary>
    public IEnumerable<PeerConnection> Connections => _connections.Keys;

    public int PendingCount => _connections.Keys.Sum(connection => connection.PendingCount);

    /// <summary>Completes when there is a connection to some silo.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Accepts connections, and makes and ends connections as silos come and go.</summary>
    public void Start(params IReadOnlyList<(ConnectionListener Listener, PeerRole Role)> listeners)
    {
        _listeners = [.. listeners.Select(pair => pair.Listener)];
        foreach (var (listener, role) in listeners)
            listener.Start(Settings, Metrics, (socket, stream, peer) => Add(socket, stream, peer, isDialled: false).Start(), _logger);
        _following = CleanFlow.Run(() => Task.Run(FollowAsync));
    }

    /// <summary>The way to a silo; null if it is no member, or none that can be reached from here.</summary>
    public PeerLink? LinkTo(SiloAddress silo)
    {
        if (_links.TryGetValue(silo, out var link)) return link;
        if (_ended || Settings.Self.ProcessId == silo.ToParsableString() || _membership.View.Find(silo) is not { } member || Endpoint(member) is not { } endpoint) return null;
        link = _links.GetOrAdd(silo, static (address, context) => new PeerLink(context.self, address, context.endpoint, context.self._logger), (self: this, endpoint));

        // It may have left between the two looks; whoever follows the view has then not seen the link.
        if (_ended || _membership.View.Find(silo) is null) Drop(link);
        return link;
    }

    /// <summary>A way to any silo, for what can be done anywhere; null if there is no connection.</summary>
    public PeerLink? AnyLink()
    {
        PeerLink? best = null;
        foreach (var (_, link) in _links)
            if (link.Connection is { TakesCalls: true } connection && (best is null || connection.PendingCount < best.Connection?.PendingCount)) best = link;
        return best;
    }

    /// <summary>Whether the view says that the silo is about to go, or has gone.</summary>
    public bool IsLeaving(SiloAddress silo) => _membership.View.Find(silo) is null or { Status: SiloStatus.ShuttingDown };

    /// <summary>The calls to silos that have no answer yet.</summary>
    public IEnumerable<(SiloAddress Silo, GrainRequest Request)> CallsUnderWay()
    {
        var calls = new List<GrainRequest>();
        foreach (var link in _links.Values)
        {
            calls.Clear();
            link.CopyCallsTo(calls);
            foreach (var request in calls) yield return (link.Silo, request);
        }
    }

    /// <summary>The connection of a client; null if it has none here.</summary>
    public PeerConnection? Client(string processId) => _clients.TryGetValue(processId, out var connection) && connection.TakesCalls ? connection : null;

    /// <summary>Takes a connection after its handshake. Start it when it is known to whoever uses it.</summary>
    public PeerConnection Add(Socket socket, Stream stream, PeerIdentity peer, bool isDialled)
    {
        var connection = new PeerConnection(socket, stream, peer, isDialled, Settings, Metrics, this, _logger, _calls);
        _connections[connection] = isDialled && peer.Address is { } address ? _links.GetValueOrDefault(address) : null;
        if (!isDialled && peer.Role == PeerRole.Client) _clients[peer.ProcessId] = connection;
        if (isDialled) _connected.TrySetResult();
        LogConnected(peer, isDialled, connection.Encryption);
        if (_ended) connection.Close(Ended(), abruptly: true);
        else if (!isDialled && peer.Address is { } silo && _membership.View.Dead.Any(member => member.Address.Equals(silo)))
            connection.Close(new SiloUnavailableException($"Silo {silo} is no member of the cluster any more."));
        return connection;
    }

    public void OnFrame(PeerConnection connection, FrameKind kind, ReadOnlySpan<byte> content)
    {
        switch (kind)
        {
            case FrameKind.Call:
                _calls.OnCall(connection, content);
                break;
            case FrameKind.Answer:
                connection.OnAnswer(content);
                break;
            case FrameKind.Cancel:
                connection.OnCancel(content);
                break;
            case FrameKind.Items:
                connection.OnItems(content);
                break;
            case FrameKind.Credit:
                connection.OnCredit(content);
                break;
            case FrameKind.ItemsEnd:
                connection.OnItemsEnd(content);
                break;
            case FrameKind.Leaving:
                connection.OnPeerLeaves();
                break;
            case FrameKind.LeavingNoted:
                connection.OnLeavingNoted();
                break;
            default:
                throw new WireFormatException($"A frame of the unknown kind {(byte)kind} came.");
        }
    }

    public void OnClosed(PeerConnection connection, Exception reason)
    {
        _connections.TryRemove(connection, out var link);
        if (!_ended)
        {
            if (!connection.PeerLeaves) Metrics.Lost.Add(1);
            LogClosed(connection.Peer, reason.Message);
        }

        link?.OnClosed(connection, reason);
        if (connection.Peer.Role == PeerRole.Client) _clients.TryRemove(new KeyValuePair<string, PeerConnection>(connection.Peer.ProcessId, connection));
    }

    /// <summary>Ends in order: nobody sends new calls any more, what is to be sent is sent.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_ended) return;
        foreach (var listener in _listeners) listener.Dispose();
        var connections = _connections.Keys.ToList();
        foreach (var connection in connections) connection.SendLeaving();
        var noted = Task.WhenAll(connections.Select(connection => connection.LeavingNoted));
        await noted.WaitAsync(LeavePatience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Calls that were handed on to other silos are answered through here.
        await UntilAsync(() => !connections.Exists(connection => connection is { IsClosed: false, InboundCount: > 0 }), AnswersPatience, cancellationToken);

        // The others read to the end and close; a socket that is closed with something unread would take back what is on its way.
        foreach (var connection in connections) connection.EndSending();
        await UntilAsync(() => connections.TrueForAll(connection => connection.IsClosed), LeavePatience, cancellationToken);
        await EndAsync(abruptly: false);
    }

    /// <summary>
    /// Completes when every silo that serves has been connected to, or cannot be reached at all. A silo that the others refuse, for its secret or its certificate, must not
    /// become an owner: nobody could call its grains.
    /// </summary>
    /// <exception cref="OrleansConfigurationException">A silo that serves refuses this one, or is refused by it, and goes on doing so.</exception>
    public async Task RequireAcceptedAsync(CancellationToken cancellationToken)
    {
        var started = EngineClock.RealMs;
        while (FirstUndecided() is { } link)
        {
            var isLate = EngineClock.RealMs - started >= Settings.AcceptPatience.TotalMilliseconds;
            if (isLate && link.LastFailure is { } refusal)
            {
                throw new OrleansConfigurationException(
                    $"Silo {Settings.Self.Address} and silo {link.Silo} refuse each other: {ConnectionListener.Explain(refusal).Text} This silo does not become active, because nobody could call its grains.", refusal);
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private PeerLink? FirstUndecided()
    {
        foreach (var member in _membership.View.Members)
        {
            if (member.Status != SiloStatus.Active || LinkTo(member.Address) is not { Connection: null } link) continue;
            link.Connect();
            if (link.LastFailure is null or HandshakeException { Reason: RefusalReason.WrongSecret or RefusalReason.OtherCluster or RefusalReason.OtherVersion or RefusalReason.Tls }) return link;
        }

        return null;
    }

    private static async Task UntilAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = EngineClock.RealMs;
        while (!condition() && EngineClock.RealMs - started < patience.TotalMilliseconds && !cancellationToken.IsCancellationRequested)
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends as a crash would: connections are reset, nothing more is sent.</summary>
    public void Kill() => _ = EndAsync(abruptly: true);

    private async Task EndAsync(bool abruptly)
    {
        if (_ended) return;
        _ended = true;
        foreach (var listener in _listeners) listener.Dispose();

        // All of it before anything is awaited: whoever kills goes on only when nothing can be sent any more.
        _stop.Cancel();
        foreach (var link in _links.Values) link.Retire(Ended(), abruptly);
        foreach (var connection in _connections.Keys) connection.Close(Ended(), abruptly);
        _links.Clear();
        await _following;
    }

    private async Task FollowAsync()
    {
        var view = _membership.View;
        try
        {
            while (true)
            {
                Follow(view);
                view = await _membership.NextViewAsync(view.Version, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process leaves.
        }
    }

    private void Follow(ClusterView view)
    {
        var now = view.Members.Select(member => member.Address).ToHashSet();
        foreach (var link in _links.Values)
        {
            if (now.Contains(link.Silo)) link.OnView();
            else Drop(link);
        }

        foreach (var silo in now) LinkTo(silo)?.Connect();
    }

    private void Drop(PeerLink link)
    {
        _links.TryRemove(new KeyValuePair<SiloAddress, PeerLink>(link.Silo, link));
        link.Retire(new SiloUnavailableException($"Silo {link.Silo} is no member of the cluster any more."));

        // What the silo itself connected: it may be a process that does not know yet that it is out.
        foreach (var connection in _connections.Keys)
            if (!connection.IsDialled && link.Silo.Equals(connection.Peer.Address)) connection.Close(new SiloUnavailableException($"Silo {link.Silo} is no member of the cluster any more."));
    }

    /// <summary>Silos are called at their own port, from clients at their gateway's.</summary>
    private IPEndPoint? Endpoint(ClusterMember member) => Settings.Self.Role == PeerRole.Silo ? member.Address.Endpoint
        : member.GatewayPort > 0 ? new IPEndPoint(member.Address.Endpoint.Address, member.GatewayPort) : null;

    private static IOException Ended() => new("This process ends its connections.");

    [LoggerMessage(1341, LogLevel.Information, "Connected with {Peer}; dialled here: {IsDialled}; {Encryption}.")]
    private partial void LogConnected(PeerIdentity peer, bool isDialled, string encryption);

    [LoggerMessage(1342, LogLevel.Information, "The connection with {Peer} ended: {Reason}")]
    private partial void LogClosed(PeerIdentity peer, string reason);
}
