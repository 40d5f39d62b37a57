using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Ollama;

/// <summary>The body of <c>/api/chat</c>.</summary>
internal sealed record OllamaChatRequest(
    string Model,
    IReadOnlyList<OllamaMessage> Messages,
    bool Stream,
    OllamaModelOptions? Options,
    IReadOnlyList<OllamaTool>? Tools,
    JsonElement? Format,
    string? KeepAlive);

/// <summary>A message of a chat.</summary>
internal sealed record OllamaMessage(
    string Role, string Content, IReadOnlyList<OllamaToolCall>? ToolCalls = null, string? ToolName = null, IReadOnlyList<string>? Images = null);

/// <summary>A call of a tool that the model asked for.</summary>
internal sealed record OllamaToolCall(OllamaCalledFunction Function);

/// <summary>Name and arguments of a call.</summary>
internal sealed record OllamaCalledFunction(string Name, IReadOnlyDictionary<string, JsonElement> Arguments);

/// <summary>A tool that is offered to the model.</summary>
internal sealed record OllamaTool(string Type, OllamaFunction Function);

/// <summary>Name, purpose and JSON schema of a tool.</summary>
internal sealed record OllamaFunction(string Name, string Description, JsonElement Parameters);

/// <summary>What <c>options</c> carries; what is null is the model's own.</summary>
internal sealed record OllamaModelOptions(
    float? Temperature,
    float? TopP,
    int? TopK,
    int? NumPredict,
    long? Seed,
    float? FrequencyPenalty,
    float? PresencePenalty,
    IReadOnlyList<string>? Stop);

/// <summary>An error object, with a status or alone in a stream.</summary>
internal sealed record OllamaError(string? Error);

/// <summary>The answer of <c>/api/tags</c>.</summary>
internal sealed record OllamaTags(IReadOnlyList<OllamaTag>? Models);

/// <summary>One model of <c>/api/tags</c>.</summary>
internal sealed record OllamaTag(string? Name, OllamaTagDetails? Details);

/// <summary>The part of a model's details that is shown.</summary>
internal sealed record OllamaTagDetails(string? Family, string? ParameterSize);

/// <summary>The body of <c>/api/embed</c>.</summary>
internal sealed record OllamaEmbedRequest(string Model, IReadOnlyList<string> Input, int? Dimensions);

/// <summary>The answer of <c>/api/embed</c>.</summary>
internal sealed record OllamaEmbedResponse(string? Model, IReadOnlyList<float[]>? Embeddings, int? PromptEvalCount);

[JsonSerializable(typeof(OllamaChatRequest))]
[JsonSerializable(typeof(OllamaError))]
[JsonSerializable(typeof(OllamaTags))]
[JsonSerializable(typeof(OllamaEmbedRequest))]
[JsonSerializable(typeof(OllamaEmbedResponse))]
internal sealed partial class OllamaJson : JsonSerializerContext
{
    /// <summary>The context to use: text as UTF-8 instead of escapes, as Ollama itself writes.</summary>
    public static OllamaJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
