using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Warroom.Models;

namespace Warroom.Frontend.Tests.Harness;

/// <summary>The model of the tests: says what the test gives it, when the test gives it.</summary>
public sealed class ScriptedModel : IModelClients, IChatClient
{
    private Channel<string> _tokens = Channel.CreateUnbounded<string>();

    public IReadOnlyList<string> Endpoints { get; } = ["http://model.test"];

    /// <summary>Starts a new answer.</summary>
    public void Begin() => _tokens = Channel.CreateUnbounded<string>();

    /// <summary>Says something.</summary>
    public void Say(params string[] tokens)
    {
        foreach (var token in tokens)
        {
            _tokens.Writer.TryWrite(token);
        }
    }

    /// <summary>Ends the answer.</summary>
    public void End() => _tokens.Writer.TryComplete();

    public IChatClient Chat(string endpoint) => this;

    public Task<IReadOnlyList<ModelInfo>> ListAsync(string endpoint, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<ModelInfo>>([new ModelInfo("script", "simulated", "0", Simulated: true, CanChat: true)]);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var token in _tokens.Reader.ReadAllAsync(cancellationToken))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, token) { ModelId = "script" };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
        // Nothing is held.
    }
}
