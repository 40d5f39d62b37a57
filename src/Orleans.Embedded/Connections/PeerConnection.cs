using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>What is done with the frames of a connection, and with its end.</summary>
internal interface IConnectionOwner
{
    /// <summary>
    /// A frame, in the order of sending. It runs on the thread that reads: what it leaves to do it schedules, and it blocks never. An exception ends the connection.
    /// </summary>
    void OnFrame(PeerConnection connection, FrameKind kind, ReadOnlySpan<byte> content);

    /// <summary>The connection has ended; told once.</summary>
    void OnClosed(PeerConnection connection, Exception reason);
}

/// <summary>
/// A connection to another process of the cluster, after the handshake. Both ends may send. It reads by itself, pings when it hears nothing, and gives itself up
/// when that stays so.
/// </summary>
internal sealed partial class PeerConnection : IThreadPoolWorkItem
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly ConnectionSettings _settings;
    private readonly ConnectionMetrics _metrics;
    private readonly IConnectionOwner _owner;
    private readonly ILogger _logger;
    private readonly RemoteCalls? _calls;
    private readonly Lock _gate = new();
    private ITimer? _pings;
    private bool _wasSilent;
    private bool _wasStuck;
    private Exception? _closed;

    public PeerConnection(
        Socket socket, Stream stream, PeerIdentity peer, bool isDialled, ConnectionSettings settings, ConnectionMetrics metrics, IConnectionOwner owner, ILogger logger,
        RemoteCalls? calls = null)
    {
        _socket = socket;
        _stream = stream;
        Peer = peer;
        PeerId = GrainId.Create(ProcessRuntime.ClientType, peer.ProcessId);
        IsDialled = isDialled;
        _settings = settings;
        _metrics = metrics;
        _owner = owner;
        _logger = logger;
        _calls = calls;
        _onReceived = OnReceived;
        _onSent = OnSent;
        _heardMs = EngineClock.RealMs;
    }

    /// <summary>Who is at the other end.</summary>
    public PeerIdentity Peer { get; }

    /// <summary>Who calls from there where no grain does.</summary>
    public GrainId PeerId { get; }

    /// <summary>How the connection is encrypted, for people; both sides have shown a certificate then.</summary>
    public string Encryption => _stream is SslStream { IsEncrypted: true, IsMutuallyAuthenticated: true } encrypted ? $"{encrypted.SslProtocol}" : "not encrypted";

    /// <summary>Whether this side connected.</summary>
    public bool IsDialled { get; }

    public bool IsClosed => Volatile.Read(ref _closed) is not null;

    /// <summary>Begins to read; called once, when the owner knows the connection.</summary>
    public void Start()
    {
        var quarter = Shortest / 4;
        _pings = TimeProvider.System.CreateTimer(static self => ((PeerConnection)self!).LookForSilence(), this, quarter, quarter);
        if (IsClosed) _pings.Dispose();
        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Receive(), this, preferLocal: false);
    }

    /// <summary>Ends the connection. Abruptly: the other side is told by a reset and nothing that waits is sent.</summary>
    public void Close(Exception reason, bool abruptly = false)
    {
        lock (_gate)
        {
            if (_closed is not null) return;
            _closed = reason;
        }

        _pings?.Dispose();
        if (abruptly) Reset();
        else _stream.Dispose();
        _socket.Dispose();
        try
        {
            _owner.OnClosed(this, reason);
        }
        finally
        {
            EndCalls(reason);
        }
    }

    /// <summary>Says that nothing more comes from here; the connection ends when the other side has read all and closes.</summary>
    public void EndSending()
    {
        bool isEmpty;
        lock (_gate)
        {
            if (_closed is not null) return;
            _endsSending = true;

            // Whoever sends now ends it when nothing is left.
            if (_isSending) return;
            isEmpty = _waitingCount == 0;
            if (!isEmpty) TakeWaiting();
        }

        if (isEmpty) ShutDownSending();
        else Send();
    }

    private void ShutDownSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Close(exception);
        }
    }

    private void Reset()
    {
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            _socket.Close(0);
        }
        catch (SocketException)
        {
            // It has gone already.
        }
        catch (ObjectDisposedException)
        {
            // It has gone already.
        }
    }

    private TimeSpan Shortest => _settings.SilenceMax < _settings.AnswerSilenceMax ? _settings.SilenceMax : _settings.AnswerSilenceMax;

    private void LookForSilence()
    {
        var now = EngineClock.RealMs;
        var silentMs = now - Volatile.Read(ref _heardMs);
        var isSilent = silentMs >= (long)(PendingCount > 0 ? Shortest : _settings.SilenceMax).TotalMilliseconds;
        var stuckMs = Volatile.Read(ref _sendingSinceMs) is > 0 and var since ? now - since : 0;
        var isStuck = stuckMs >= (long)_settings.SilenceMax.TotalMilliseconds;

        // After a pause of this very process the timer may come first, before what has arrived meanwhile was read: the second look counts.
        if (isSilent && _wasSilent)
        {
            LogSilent(Peer, silentMs);
            Close(new IOException($"{Peer} was silent for {silentMs} ms."), abruptly: true);
        }
        else if (isStuck && _wasStuck)
        {
            LogStuck(Peer, stuckMs, WaitingBytes);
            Close(new IOException($"{Peer} has read nothing for {stuckMs} ms."), abruptly: true);
        }
        else if (silentMs >= (long)Shortest.TotalMilliseconds / 5)
        {
            SendSmall(FrameKind.Ping);
        }

        _wasSilent = isSilent;
        _wasStuck = isStuck;
    }
}
