using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Embedded.Connections;

namespace Warroom.Engine.Tests.Embedded.Connections;

/// <summary>A listener that remembers who came and what they sent.</summary>
internal sealed class ListeningPeer : IConnectionOwner, IDisposable
{
    private readonly ConnectionListener _listener;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TaskCompletionSource<PeerConnection> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PeerConnection? _accepted;

    public ListeningPeer(PeerRole role = PeerRole.Silo, Func<ConnectionSettings, ConnectionSettings>? change = null)
    {
        _listener = new ConnectionListener(new IPEndPoint(IPAddress.Loopback, 0), role);
        Address = SiloAddress.New(_listener.Endpoint, 1);
        Settings = NewSettings(PeerIdentity.OfSilo(Address));
        if (change is not null) Settings = change(Settings);
        Metrics = new ConnectionMetrics(_services.GetRequiredService<IMeterFactory>(), () => 0, () => 0);
        _listener.Start(Settings, Metrics, OnConnected, NullLogger.Instance);
    }

    public SiloAddress Address { get; }

    public ConnectionSettings Settings { get; }

    public ConnectionMetrics Metrics { get; }

    public ConcurrentQueue<(FrameKind Kind, byte[] Content)> Frames { get; } = new();

    public Task<PeerConnection> Connected => _connected.Task;

    public Task<Exception> Closed => _closed.Task;

    public static ConnectionSettings NewSettings(PeerIdentity self, string secret = "a secret of the tests", string clusterId = "cluster", string serviceId = "service", TlsSettings? tls = null) => new()
    {
        Self = self,
        ClusterId = clusterId,
        ServiceId = serviceId,
        Secret = Encoding.UTF8.GetBytes(secret),
        FrameMax = 64 * 1024,
        WaitingBytesMax = 1024 * 1024,
        SilenceMax = TimeSpan.FromSeconds(30),
        HandshakeTimeout = TimeSpan.FromSeconds(10),
        Tls = tls,
    };

    public static ConnectionSettings Silo(string secret = "a secret of the tests", string clusterId = "cluster", TlsSettings? tls = null) =>
        NewSettings(PeerIdentity.OfSilo(SiloAddress.New(IPAddress.Loopback, 1, 7)), secret, clusterId, tls: tls);

    public static ConnectionSettings Client() => NewSettings(PeerIdentity.NewClient());

    public async Task<PeerConnection> DialAsync(ConnectionSettings settings, IConnectionOwner? owner = null)
    {
        var (socket, stream, peer) = await ConnectionDialer.DialAsync(Address.Endpoint, Address, settings, CancellationToken.None);
        var connection = new PeerConnection(socket, stream, peer, isDialled: true, settings, Metrics, owner ?? new Ignoring(), NullLogger.Instance);
        connection.Start();
        return connection;
    }

    /// <summary>A connection that has said nothing yet.</summary>
    public async Task<Socket> ConnectBareAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Address.Endpoint);
        return socket;
    }

    public void OnFrame(PeerConnection connection, FrameKind kind, ReadOnlySpan<byte> content) => Frames.Enqueue((kind, content.ToArray()));

    public void OnClosed(PeerConnection connection, Exception reason) => _closed.TrySetResult(reason);

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
        _accepted?.Close(new IOException("The test is over."));
    }

    private void OnConnected(Socket socket, Stream stream, PeerIdentity peer)
    {
        var connection = new PeerConnection(socket, stream, peer, isDialled: false, Settings, Metrics, this, NullLogger.Instance);
        _accepted = connection;
        connection.Start();
        _connected.TrySetResult(connection);
    }

    private sealed class Ignoring : IConnectionOwner
    {
        public void OnFrame(PeerConnection connection, FrameKind kind, ReadOnlySpan<byte> content)
        {
        }

        public void OnClosed(PeerConnection connection, Exception reason)
        {
        }
    }
}
