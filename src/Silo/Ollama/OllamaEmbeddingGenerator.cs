using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>Ollama's <c>/api/embed</c> as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>: all texts in one request. Fails with <see cref="ModelException"/>.</summary>
public sealed class OllamaEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly HttpClient _http;
    private readonly OllamaOptions _options;
    private readonly TimeProvider _time;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>A generator at the endpoint that is the base address of <paramref name="http"/>, which stays the caller's.</summary>
    public OllamaEmbeddingGenerator(HttpClient http, OllamaOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = http;
        _options = options;
        _time = time;
        _metadata = new("ollama", http.BaseAddress);
    }

    /// <inheritdoc/>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (string.IsNullOrWhiteSpace(options?.ModelId))
            throw new ModelException(ModelFailure.Rejected, "The request names no model.");
        string[] texts = [.. values];
        if (texts.Length == 0)
            return [];
        using var deadline = new OllamaDeadline(_time, "embeddings", _options.RequestTimeout, _options.RequestTimeout, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/embed")
        {
            Content = JsonContent.Create(new OllamaEmbedRequest(options.ModelId, texts, options.Dimensions), OllamaJson.Wire.OllamaEmbedRequest),
        };
        var answer = await OllamaBodies.ReadAsync(_http, request, deadline, OllamaJson.Wire.OllamaEmbedResponse);
        if (answer.Embeddings is not { } vectors || vectors.Count != texts.Length)
            throw new ModelException(ModelFailure.Protocol, $"Asked for {texts.Length} embeddings, got {answer.Embeddings?.Count ?? 0}.");
        var created = _time.GetUtcNow();
        return new(vectors.Select(vector => new Embedding<float>(vector) { ModelId = answer.Model ?? options.ModelId, CreatedAt = created }))
        {
            Usage = answer.PromptEvalCount is { } count ? new UsageDetails { InputTokenCount = count, TotalTokenCount = count } : null,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the connections belong to whoever made the generator.</summary>
    public void Dispose()
    {
    }
}
