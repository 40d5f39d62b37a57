using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Warroom.Ollama;

/// <summary>Where Ollama is and how long it may take: section <c>Ollama</c>.</summary>
public sealed class OllamaOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Ollama";

    /// <summary>What is asked when nothing is configured.</summary>
    public const string DefaultEndpoint = "http://127.0.0.1:11434";

    /// <summary>Base addresses, the preferred one first; 1 to 16. Default: <see cref="DefaultEndpoint"/>.</summary>
    public IList<string> Endpoints { get; } = [];

    /// <summary>How long a connection may take to be made. Short, so that a dead endpoint is known before a person gives up. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the first token may take (the model may have to be loaded). Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan FirstTokenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each further token may take. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan BetweenTokensTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the list of models, a version or an embedding may take. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a list of models is believed. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ModelListAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest line of a streamed body, in bytes. Default 1 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int LineBytesMax { get; set; } = 1024 * 1024;

    /// <summary>How long Ollama keeps a model loaded after a request, in its notation; empty leaves that to Ollama.</summary>
    public string KeepAlive { get; set; } = "";
}

/// <summary>What attributes cannot say of <see cref="OllamaOptions"/>.</summary>
internal sealed class OllamaOptionsValidator : IValidateOptions<OllamaOptions>
{
    public ValidateOptionsResult Validate(string? name, OllamaOptions options)
    {
        if (options.Endpoints.Count is 0 or > 16)
            return ValidateOptionsResult.Fail($"Ollama:Endpoints has {options.Endpoints.Count} entries; it must have 1 to 16, such as {OllamaOptions.DefaultEndpoint}.");
        foreach (var endpoint in options.Endpoints)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
                return ValidateOptionsResult.Fail($"Ollama:Endpoints has \"{endpoint}\", which is not an http or https address; an example is {OllamaOptions.DefaultEndpoint}.");
        }

        return options.Endpoints.Distinct(StringComparer.OrdinalIgnoreCase).Count() < options.Endpoints.Count
            ? ValidateOptionsResult.Fail("Ollama:Endpoints names one endpoint twice.")
            : ValidateOptionsResult.Success;
    }
}
