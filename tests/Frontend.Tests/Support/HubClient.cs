using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>A hub connection that speaks SignalR's JSON protocol over a WebSocket by itself, so that what is tested is the wire and not two ends of one library.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const byte Separator = 0x1E;
    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _calls = new(StringComparer.Ordinal);
    private readonly Channel<HubMessage> _messages = Channel.CreateUnbounded<HubMessage>();
    private readonly CancellationTokenSource _closing = new();
    private TaskCompletionSource _mayRead = Open();
    private Task _receiving = Task.CompletedTask;
    private int _lastCall;
    private volatile bool _isOver;

    private HubClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>What the server sent, in order.</summary>
    public ChannelReader<HubMessage> Messages => _messages.Reader;

    /// <summary>Completes when the connection is over.</summary>
    public Task Ended => _receiving;

    public static async Task<HubClient> ConnectAsync(Uri server, string path, params (string Name, string Value)[] headers)
    {
        var socket = new ClientWebSocket();
        foreach (var (name, value) in headers)
        {
            socket.Options.SetRequestHeader(name, value);
        }

        try
        {
            await socket.ConnectAsync(new Uri($"ws://{server.Authority}{path}"), CancellationToken.None);
            var client = new HubClient(socket);
            await client.SendAsync("{\"protocol\":\"json\",\"version\":1}"u8.ToArray());
            var buffer = new byte[256];
            var read = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            Assert.True(read.Count == 3 && buffer[0] == (byte)'{' && buffer[1] == (byte)'}', "The handshake was refused.");
            client._receiving = client.ReceiveAsync();
            return client;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<JsonElement> InvokeAsync(string target, params object[] arguments)
    {
        var id = Interlocked.Increment(ref _lastCall).ToString();
        var result = _calls[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_isOver)
        {
            // Whoever ended it may have looked through the calls before this one was among them.
            throw new IOException("The connection is over.");
        }

        await SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { type = 1, invocationId = id, target, arguments }));
        return await Eventually.CompletesAsync($"the answer to {target}", result.Task);
    }

    /// <summary>The next message for which the condition holds; others are passed over.</summary>
    public async Task<HubMessage> NextAsync(string phase, Func<HubMessage, bool> condition)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        try
        {
            while (true)
            {
                var message = await _messages.Reader.ReadAsync(timeout.Token);
                if (condition(message))
                {
                    return message;
                }
            }
        }
        catch (OperationCanceledException canceled) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {Eventually.Timeout.TotalSeconds} s for {phase}.", canceled);
        }
    }

    /// <summary>Reads nothing more from the socket (after what is being read now) until <see cref="Resume"/>.</summary>
    public void Pause() => _mayRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => _mayRead.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Resume();
        await _closing.CancelAsync();
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _closing.Dispose();
        _sending.Dispose();
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task SendAsync(byte[] message)
    {
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync((byte[])[.. message, Separator], WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[16 * 1024];
        var message = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                await _mayRead.Task;
                var read = await _socket.ReceiveAsync(buffer.AsMemory(), _closing.Token);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                var rest = buffer.AsMemory(0, read.Count);
                while (rest.Span.IndexOf(Separator) is >= 0 and var end)
                {
                    message.Write(rest.Span[..end]);
                    Take(JsonDocument.Parse(message.WrittenMemory.ToArray()).RootElement);
                    message.ResetWrittenCount();
                    rest = rest[(end + 1)..];
                }

                message.Write(rest.Span);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The connection is over, by the test or by the server.
        }
        finally
        {
            _isOver = true;
            _messages.Writer.TryComplete();
            foreach (var call in _calls.Values)
            {
                call.TrySetException(new IOException("The connection is over."));
            }
        }
    }

    private void Take(JsonElement message)
    {
        switch (message.GetProperty("type").GetInt32())
        {
            case 1:
                _messages.Writer.TryWrite(new HubMessage(message.GetProperty("target").GetString()!, message.GetProperty("arguments")[0]));
                break;
            case 3 when _calls.TryRemove(message.GetProperty("invocationId").GetString()!, out var call):
                if (message.TryGetProperty("error", out var error))
                {
                    call.TrySetException(new HubRefusedException(error.GetString()!));
                }
                else
                {
                    call.TrySetResult(message.TryGetProperty("result", out var result) ? result : default);
                }

                break;
        }
    }
}
