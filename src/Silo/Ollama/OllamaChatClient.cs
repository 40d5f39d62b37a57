using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>
/// Ollama's <c>/api/chat</c> as an <see cref="IChatClient"/>. A streaming answer yields one <see cref="ChatResponseUpdate"/> for each read of the body, whose contents are one
/// <see cref="TextContent"/> for each token that the read brought: a consumer that forwards updates sends one message at human speed for each token, and one for many in a burst.
/// The last update carries the finish reason and the usage. Text never holds U+0000 (U+FFFD stands for it).
/// Fails with <see cref="ModelException"/>; cancelling, or leaving the enumeration early, closes the connection, which makes Ollama stop. Safe for use by many at once.
/// </summary>
public sealed class OllamaChatClient : IChatClient
{
    private readonly HttpClient _http;
    private readonly OllamaOptions _options;
    private readonly TimeProvider _time;
    private readonly ChatClientMetadata _metadata;

    /// <summary>A client of the endpoint that is the base address of <paramref name="http"/>, which stays the caller's and must have no time limit of its own.</summary>
    public OllamaChatClient(HttpClient http, OllamaOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = http;
        _options = options;
        _time = time;
        _metadata = new("ollama", http.BaseAddress);
    }

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var body = OllamaRequests.Chat(messages, options, _options.KeepAlive);
        var responseId = Guid.CreateVersion7(_time.GetUtcNow()).ToString("N");
        await using var stream = await OpenAsync(body, cancellationToken);
        while (await stream.ReadAsync() is { } lines)
            yield return Update(lines, responseId);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the connections belong to whoever made the client.</summary>
    public void Dispose()
    {
    }

    private async Task<OllamaStream> OpenAsync(OllamaChatRequest body, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var deadline = new OllamaDeadline(_time, "first token", _options.FirstTokenTimeout, _options.BetweenTokensTimeout, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/chat") { Content = JsonContent.Create(body, OllamaJson.Wire.OllamaChatRequest) };
            return await OllamaStream.OpenAsync(_http, request, deadline, _options.LineBytesMax);
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    private static ChatResponseUpdate Update(IReadOnlyList<OllamaLine> lines, string responseId)
    {
        var contents = new List<AIContent>(lines.Count);
        var update = new ChatResponseUpdate(ChatRole.Assistant, contents) { ResponseId = responseId, MessageId = responseId };
        foreach (var line in lines)
        {
            update.ModelId ??= line.Model;
            if (!string.IsNullOrEmpty(line.Thinking))
                contents.Add(new TextReasoningContent(line.Thinking));
            if (!string.IsNullOrEmpty(line.Content))
                contents.Add(new TextContent(line.Content));
            if (line.Calls is not null)
                contents.AddRange(line.Calls);
            if (line.Done)
                Finish(update, line);
        }

        return update;
    }

    private static void Finish(ChatResponseUpdate update, in OllamaLine line)
    {
        update.FinishReason = line.DoneReason switch
        {
            null or "stop" => ChatFinishReason.Stop,
            "length" => ChatFinishReason.Length,
            var other => new ChatFinishReason(other),
        };
        if (line.PromptTokens is null && line.ReplyTokens is null)
            return;
        update.Contents.Add(new UsageContent(new UsageDetails
        {
            InputTokenCount = line.PromptTokens,
            OutputTokenCount = line.ReplyTokens,
            TotalTokenCount = (line.PromptTokens ?? 0) + (line.ReplyTokens ?? 0),
        }));
    }
}
