using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Warroom.Ollama;

namespace Warroom.Models.Tests;

/// <summary>The product's Ollama client, for one endpoint.</summary>
public sealed class ClientUnderTest : IDisposable
{
    public ClientUnderTest(string endpoint, TimeProvider? time = null, Action<OllamaOptions>? configure = null)
    {
        var options = new OllamaOptions { Endpoints = { endpoint } };
        configure?.Invoke(options);
        Clients = new(Options.Create(options), time ?? TimeProvider.System);
        Chat = Clients.Chat(endpoint);
    }

    public OllamaModelClients Clients { get; }

    public IChatClient Chat { get; }

    public IAsyncEnumerable<ChatResponseUpdate> AskAsync(string prompt, string model = "sim:small", CancellationToken cancellationToken = default) =>
        Chat.GetStreamingResponseAsync([new(ChatRole.User, prompt)], new() { ModelId = model }, cancellationToken);

    public async Task<string> TextAsync(string prompt, string model = "sim:small", CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        await foreach (var update in AskAsync(prompt, model, cancellationToken))
            text.Append(update.Text);
        return text.ToString();
    }

    /// <summary>Asks what is expected to fail; returns what came before, and the failure.</summary>
    public async Task<(string Text, ModelException Failure)> FailAsync(string prompt, string model = "sim:small")
    {
        var text = new StringBuilder();
        var failure = await Assert.ThrowsAsync<ModelException>(async () =>
        {
            await foreach (var update in AskAsync(prompt, model))
                text.Append(update.Text);
        });
        return (text.ToString(), failure);
    }

    public void Dispose() => Clients.Dispose();
}
