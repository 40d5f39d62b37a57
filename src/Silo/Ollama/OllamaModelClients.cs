using System.Collections.Frozen;
using System.Net;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>The configured Ollama endpoints. Each has a connection pool of its own; the key of an endpoint is its base address as configured.</summary>
public sealed class OllamaModelClients : IModelClients, IDisposable
{
    private const string SimulatedFamily = "simulated";
    private readonly FrozenDictionary<string, Endpoint> _endpoints;
    private readonly OllamaOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Clients for the endpoints of the options.</summary>
    public OllamaModelClients(IOptions<OllamaOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _time = time;
        Endpoints = [.. _options.Endpoints];
        _endpoints = Endpoints.ToFrozenDictionary(address => address, Connect);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Endpoints { get; }

    /// <inheritdoc/>
    public IChatClient Chat(string endpoint) => Find(endpoint).Chat;

    /// <summary>The embedding generator of one endpoint; the same one each time.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> Embeddings(string endpoint) => Find(endpoint).Embeddings;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ModelInfo>> ListAsync(string endpoint, CancellationToken cancellationToken = default)
    {
        var found = Find(endpoint);
        if (found.Listed is { } listed && _time.GetElapsedTime(listed.At) < _options.ModelListAge)
            return listed.Models;
        using var deadline = new OllamaDeadline(_time, "list of models", _options.RequestTimeout, _options.RequestTimeout, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/tags");
        var tags = await OllamaBodies.ReadAsync(found.Http, request, deadline, OllamaJson.Wire.OllamaTags);
        ModelInfo[] models = [.. (tags.Models ?? []).Where(tag => !string.IsNullOrEmpty(tag.Name)).Select(Info)];
        found.Listed = new(_time.GetTimestamp(), models);
        return models;
    }

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        foreach (var endpoint in _endpoints.Values)
            endpoint.Http.Dispose();
    }

    private Endpoint Find(string endpoint) =>
        _endpoints.TryGetValue(endpoint, out var found) ? found : throw new ArgumentException($"\"{endpoint}\" is not one of the configured model endpoints.", nameof(endpoint));

    private Endpoint Connect(string address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,

            // An answer that is left early is not read to its end: the connection is closed, and the model stops.
            MaxResponseDrainSize = 0,
            ResponseDrainTimeout = TimeSpan.Zero,
        };
        var http = new HttpClient(handler)
        {
            BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        return new(http, new OllamaChatClient(http, _options, _time), new OllamaEmbeddingGenerator(http, _options, _time));
    }

    // A model that only embeds is known by its name or family: the list says no more, and asking for each would cost a request a model.
    private static ModelInfo Info(OllamaTag tag)
    {
        var family = tag.Details?.Family ?? string.Empty;
        var embeds = tag.Name!.Contains("embed", StringComparison.OrdinalIgnoreCase) || family.Contains("bert", StringComparison.OrdinalIgnoreCase);
        return new(tag.Name, family, tag.Details?.ParameterSize ?? string.Empty, family == SimulatedFamily, !embeds);
    }

    private sealed class Endpoint(HttpClient http, IChatClient chat, IEmbeddingGenerator<string, Embedding<float>> embeddings)
    {
        public HttpClient Http => http;

        public IChatClient Chat => chat;

        public IEmbeddingGenerator<string, Embedding<float>> Embeddings => embeddings;

        public ModelList? Listed { get; set; }
    }

    private sealed record ModelList(long At, IReadOnlyList<ModelInfo> Models);
}
