using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Warroom.Testing;

/// <summary>
/// A SignalR connection in the JSON protocol over one WebSocket, from start to end: calls, and what the server sends, in order and one at a time. It speaks the protocol by itself, so that what is tested is the wire and not two
/// ends of one library.
/// </summary>
public sealed class HubConnection : IAsyncDisposable
{
    private const byte Separator = 0x1e;
    private static readonly TimeSpan PingPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly HttpMessageInvoker Invoker = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), UseProxy = false });
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource<JsonElement>> _calls = [];
    private readonly Action<string, JsonElement> _received;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _handshake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _paused;
    private Task _pinging = Task.CompletedTask;
    private int _lastCall;

    private HubConnection(Action<string, JsonElement> received) => _received = received;

    /// <summary>Completes when the connection is over, however it went.</summary>
    public Task Closed { get; private set; } = Task.CompletedTask;

    /// <summary>Waits before each read, while set: a reader that is slow.</summary>
    public TimeSpan ReadPause { get; set; }

    /// <summary>Connects as a page of that person does; fails with <see cref="WebSocketException"/>, <see cref="IOException"/> or <see cref="OperationCanceledException"/>.</summary>
    public static Task<HubConnection> ConnectAsync(Uri frontEnd, string hub, string actor, Action<string, JsonElement> received) =>
        ConnectAsync(frontEnd, $"{hub}?actor={actor}", received, ConnectTimeout, []);

    /// <summary>Connects; fails with <see cref="WebSocketException"/>, <see cref="IOException"/> or <see cref="OperationCanceledException"/>.</summary>
    /// <param name="frontEnd">The server; only its host and port count.</param>
    /// <param name="hub">Path and query.</param>
    /// <param name="received">Is given each message's method and first argument, one at a time.</param>
    /// <param name="timeout">How long connecting and the handshake may take together.</param>
    /// <param name="headers">What the request has besides.</param>
    public static async Task<HubConnection> ConnectAsync(Uri frontEnd, string hub, Action<string, JsonElement> received, TimeSpan timeout, IEnumerable<(string Name, string Value)> headers)
    {
        var connection = new HubConnection(received);
        try
        {
            foreach (var (name, value) in headers)
                connection._socket.Options.SetRequestHeader(name, value);
            using var limit = new CancellationTokenSource(timeout);
            await connection._socket.ConnectAsync(new Uri($"ws://{frontEnd.Authority}/{hub.TrimStart('/')}"), Invoker, limit.Token);
            await connection.SendAsync("""{"protocol":"json","version":1}""");
            connection.Closed = connection.ReadAsync();
            connection._pinging = connection.PingAsync();
            await connection._handshake.Task.WaitAsync(limit.Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls the hub. Fails with <see cref="IOException"/> when the connection ends first, and with <see cref="HubRefusedException"/> when the hub refuses.</summary>
    public async Task<JsonElement> CallAsync(string method, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall).ToString();
        var call = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_end.IsCancellationRequested)
                throw new IOException("The connection is over.");
            _calls[id] = call;
        }

        await SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments }));
        return await call.Task;
    }

    /// <summary>Reads nothing more from the socket (after what is being read now) until <see cref="Resume"/>.</summary>
    public void Pause() => _paused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => _paused?.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Abort();
        await Closed;
        await _pinging;
        _socket.Dispose();
    }

    private async Task SendAsync(string text)
    {
        try
        {
            await _sending.WaitAsync(_end.Token);
        }
        catch (OperationCanceledException canceled)
        {
            throw new IOException("The connection is over.", canceled);
        }

        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes($"{text}\u001e"), WebSocketMessageType.Text, endOfMessage: true, _end.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or OperationCanceledException)
        {
            throw new IOException("The connection is over.", exception);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task PingAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingPeriod, TimeProvider.System, _end.Token);
                await SendAsync("""{"type":6}""");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // It is over; the reader tells.
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[8 * 1024];
        var pending = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                if (_paused is { } paused)
                    await paused.Task.WaitAsync(_end.Token);
                if (ReadPause > TimeSpan.Zero)
                    await Task.Delay(ReadPause, TimeProvider.System, _end.Token);
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                silence.CancelAfter(SilenceMax);
                var read = await _socket.ReceiveAsync(buffer.AsMemory(), silence.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                    return;
                var rest = buffer.AsMemory(0, read.Count);
                for (var end = rest.Span.IndexOf(Separator); end >= 0; end = rest.Span.IndexOf(Separator))
                {
                    pending.Write(rest.Span[..end]);
                    if (!Take(JsonDocument.Parse(pending.WrittenMemory.ToArray()).RootElement))
                        return;
                    pending.ResetWrittenCount();
                    rest = rest[(end + 1)..];
                }

                pending.Write(rest.Span);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
        {
            // The connection is over; an abort between two reads shows as a disposed socket.
        }
        finally
        {
            await _end.CancelAsync();
            _handshake.TrySetException(new IOException("The connection is over."));
            lock (_gate)
            {
                foreach (var call in _calls.Values)
                {
                    // Whoever waits for the call is told; a call that nobody waits for any more is no task that failed unseen.
                    if (call.TrySetException(new IOException("The connection is over.")))
                        _ = call.Task.Exception;
                }
            }
        }
    }

    // False: the server says that it is over.
    private bool Take(JsonElement message)
    {
        switch (message.TryGetProperty("type", out var type) ? type.GetInt32() : 0)
        {
            case 0 when message.TryGetProperty("error", out var refusal):
                _handshake.TrySetException(new IOException($"The handshake was refused: {refusal.GetString()}"));
                return false;
            case 0:
                _handshake.TrySetResult();
                return true;
            case 1:
                _received(message.GetProperty("target").GetString()!, message.GetProperty("arguments") is { } arguments && arguments.GetArrayLength() > 0 ? arguments[0] : default);
                return true;
            case 3:
                TaskCompletionSource<JsonElement>? call;
                lock (_gate)
                {
                    _calls.Remove(message.GetProperty("invocationId").GetString()!, out call);
                }

                if (message.TryGetProperty("error", out var error))
                    call?.TrySetException(new HubRefusedException(error.GetString()!));
                else
                    call?.TrySetResult(message.TryGetProperty("result", out var result) ? result : default);
                return true;
            case 7:
                return false;
            default:
                return true;
        }
    }
}
