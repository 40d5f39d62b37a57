using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Warroom.Bench.Load;

/// <summary>A viewer: SignalR's JSON protocol over a bare WebSocket, with as little work per message as will do, so that the load does not take the server's cores.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const byte Separator = 0x1e;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _calls = new();
    private readonly CancellationTokenSource _closing = new();
    private Task _receiving = Task.CompletedTask;
    private int _lastCall;

    /// <summary>Gets each invocation of the server, without the separator. Called from the receive loop.</summary>
    public MessageHandler? OnInvocation { get; set; }

    public delegate void MessageHandler(ReadOnlySpan<byte> message);

    public long BytesReceived { get; private set; }

    public bool IsOpen => _socket.State == WebSocketState.Open;

    public async Task ConnectAsync(Uri server, string hub, bool receive = true)
    {
        _socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await _socket.ConnectAsync(new Uri($"ws://{server.Authority}{hub}"), CancellationToken.None);
        await SendAsync("{\"protocol\":\"json\",\"version\":1}"u8.ToArray());
        var buffer = new byte[256];
        var read = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        if (read.Count < 3 || buffer[1] != '}')
            throw new InvalidOperationException($"Handshake refused: {Encoding.UTF8.GetString(buffer, 0, read.Count)}");
        if (receive)
            StartReceiving();
    }

    /// <summary>For a viewer that was connected without receiving: begins to read.</summary>
    public void StartReceiving() => _receiving = ReceiveAsync();

    public async Task<string> InvokeAsync(string target, params object[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = result;
        await SendAsync(Invocation(target, id, arguments));
        var answer = await result.Task.WaitAsync(TimeSpan.FromSeconds(60));
        if (answer.Contains("\"error\":", StringComparison.Ordinal))
            throw new InvalidOperationException($"{target}: {answer}");
        return answer;
    }

    /// <summary>Sends an invocation that asks for no answer.</summary>
    public Task SendInvocationAsync(string target, params object[] arguments) => SendAsync(Invocation(target, null, arguments));

    public Task PingAsync() => SendAsync("{\"type\":6}"u8.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _socket.Abort();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    private static byte[] Invocation(string target, int? id, object[] arguments)
    {
        var call = new Dictionary<string, object>(StringComparer.Ordinal) { ["type"] = 1, ["target"] = target, ["arguments"] = arguments };
        if (id is not null)
            call["invocationId"] = id.Value.ToString();
        return JsonSerializer.SerializeToUtf8Bytes(call);
    }

    private async Task SendAsync(byte[] message)
    {
        var framed = new byte[message.Length + 1];
        message.CopyTo(framed, 0);
        framed[^1] = Separator;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(framed, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var filled = 0;
        try
        {
            while (!_closing.IsCancellationRequested)
            {
                if (filled == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await _socket.ReceiveAsync(buffer.AsMemory(filled), _closing.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                    return;
                BytesReceived += read.Count;
                filled += read.Count;
                var start = 0;
                while (buffer.AsSpan(start, filled - start).IndexOf(Separator) is >= 0 and var length)
                {
                    Handle(buffer.AsSpan(start, length));
                    start += length + 1;
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The connection is over, by us or by the server; IsOpen tells.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            foreach (var call in _calls.Values)
                call.TrySetException(new IOException("The connection is over."));
        }
    }

    private void Handle(ReadOnlySpan<byte> message)
    {
        // {"type":1, ...: an invocation; {"type":3,"invocationId":"7", ...: a completion.
        if (message.Length < 9 || message[8] == (byte)'6')
            return;
        if (message[8] == (byte)'1')
        {
            OnInvocation?.Invoke(message);
            return;
        }

        if (message[8] != (byte)'3')
            return;
        var at = message.IndexOf("\"invocationId\":\""u8) + 16;
        var id = 0;
        while (message[at] is >= (byte)'0' and <= (byte)'9')
            id = (id * 10) + message[at++] - '0';
        if (_calls.TryRemove(id, out var call))
            call.TrySetResult(Encoding.UTF8.GetString(message));
    }
}
