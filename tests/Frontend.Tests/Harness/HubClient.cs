using System.Buffers;
using System.Net.Http;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Harness;

/// <summary>A SignalR client in the JSON protocol over one WebSocket, as small as the tests need: calls, what the server sends, and a way to stop reading.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private const byte Separator = 0x1e;
    private readonly ClientWebSocket _socket = new();
    private readonly HttpMessageInvoker _invoker;
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly List<(string Target, JsonElement Argument)> _received = [];
    private readonly Dictionary<string, TaskCompletionSource<JsonElement>> _calls = [];
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private int _lastCall;

    private HubClient(HttpMessageInvoker invoker) => _invoker = invoker;

    /// <summary>What the server sent so far, in order.</summary>
    public IReadOnlyList<(string Target, JsonElement Argument)> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Completes when the connection is over.</summary>
    public Task Closed => _loop;

    public static async Task<HubClient> ConnectAsync(Uri uri, int receiveBufferBytes)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (receiveBufferBytes > 0)
                {
                    socket.ReceiveBufferSize = receiveBufferBytes;
                }

                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var client = new HubClient(new HttpMessageInvoker(handler));
        await client._socket.ConnectAsync(uri, client._invoker, CancellationToken.None);
        var handshake = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        client._calls[""] = handshake;
        await client.SendTextAsync("""{"protocol":"json","version":1}""");
        client._loop = client.ReadAsync();
        await Eventually.CompletesAsync("the hub's handshake", handshake.Task);
        return client;
    }

    /// <summary>Calls a hub method and gives its result; fails with what the hub says.</summary>
    public async Task<JsonElement> CallAsync(string method, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall).ToString();
        var call = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _calls[id] = call;
        }

        await SendTextAsync(JsonSerializer.Serialize(new { type = 1, invocationId = id, target = method, arguments }));
        return await Eventually.CompletesAsync($"the hub's answer to {method}", call.Task);
    }

    /// <summary>Waits until the server has sent what satisfies the condition.</summary>
    public Task WaitAsync(string phase, Func<IReadOnlyList<(string Target, JsonElement Argument)>, bool> condition) => Eventually.HoldsAsync(phase, () => condition(Received));

    /// <summary>Stops taking anything from the socket until <see cref="ResumeReading"/>.</summary>
    public Task PauseReadingAsync() => _reading.WaitAsync();

    public void ResumeReading() => _reading.Release();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Abort();
        await _loop;
        _socket.Dispose();
        _invoker.Dispose();
        _end.Dispose();
    }

    private async Task SendTextAsync(string text)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes($"{text}\u001e"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        var pending = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                await _reading.WaitAsync(_end.Token);
                _reading.Release();
                var read = await _socket.ReceiveAsync(buffer.AsMemory(), _end.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                var rest = buffer.AsMemory(0, read.Count);
                for (var end = rest.Span.IndexOf(Separator); end >= 0; end = rest.Span.IndexOf(Separator))
                {
                    pending.Write(rest.Span[..end]);
                    Take(JsonDocument.Parse(pending.WrittenMemory.ToArray()).RootElement);
                    pending.ResetWrittenCount();
                    rest = rest[(end + 1)..];
                }

                pending.Write(rest.Span);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The connection is over.
        }
        finally
        {
            lock (_gate)
            {
                foreach (var call in _calls.Values)
                {
                    call.TrySetException(new IOException("The connection is over."));
                }
            }
        }
    }

    private void Take(JsonElement message)
    {
        lock (_gate)
        {
            switch (message.TryGetProperty("type", out var type) ? type.GetInt32() : 0)
            {
                case 0:
                    _calls[""].TrySetResult(message);
                    break;
                case 1:
                    _received.Add((message.GetProperty("target").GetString()!, message.GetProperty("arguments")[0]));
                    break;
                case 3:
                    var call = _calls[message.GetProperty("invocationId").GetString()!];
                    if (message.TryGetProperty("error", out var error))
                    {
                        call.TrySetException(new HubCallException(error.GetString()!));
                    }
                    else
                    {
                        call.TrySetResult(message.TryGetProperty("result", out var result) ? result : default);
                    }

                    break;
            }
        }
    }
}

/// <summary>The hub refused a call.</summary>
public sealed class HubCallException(string message) : Exception(message);
