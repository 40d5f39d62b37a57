using System.Text.Json;
using System.Threading.Channels;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>A hub connection whose messages are kept until a test asks for them, and whose calls end within the time that all tests have.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private readonly Channel<HubMessage> _messages = Channel.CreateUnbounded<HubMessage>();
    private HubConnection? _connection;

    /// <summary>What the server sent, in order.</summary>
    public ChannelReader<HubMessage> Messages => _messages.Reader;

    /// <summary>Completes when the connection is over and nothing more comes.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    private HubConnection Connection => _connection ?? throw new InvalidOperationException("Not connected.");

    public static async Task<HubClient> ConnectAsync(Uri server, string path, params (string Name, string Value)[] headers)
    {
        var client = new HubClient();
        client._connection = await HubConnection.ConnectAsync(
            server, path, (target, argument) => client._messages.Writer.TryWrite(new HubMessage(target, argument)), Eventually.Timeout, headers);
        client.Ended = client.EndAsync();
        return client;
    }

    public Task<JsonElement> InvokeAsync(string target, params object[] arguments) => Eventually.CompletesAsync($"the answer to {target}", Connection.CallAsync(target, arguments));

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
    public void Pause() => Connection.Pause();

    public void Resume() => Connection.Resume();

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Ended;
    }

    private async Task EndAsync()
    {
        await Connection.Closed;
        _messages.Writer.TryComplete();
    }
}
