using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Simulation;

/// <summary>A message of a chat, as Ollama takes it.</summary>
internal sealed record SimMessage(string? Role = null, string? Content = null, JsonElement? ToolCalls = null);

/// <summary>The parts of Ollama's <c>options</c> that change what the simulator says.</summary>
internal sealed record SimOptions(int? NumPredict = null, JsonElement? Stop = null);

/// <summary>The body of <c>/api/chat</c>.</summary>
internal sealed record SimChat(
    string? Model = null,
    IReadOnlyList<SimMessage>? Messages = null,
    bool? Stream = null,
    JsonElement? Format = null,
    SimOptions? Options = null,
    JsonElement? Tools = null,
    JsonElement? KeepAlive = null);

/// <summary>The body of <c>/api/generate</c>.</summary>
internal sealed record SimGenerate(
    string? Model = null,
    string? Prompt = null,
    string? System = null,
    bool? Stream = null,
    JsonElement? Format = null,
    SimOptions? Options = null,
    JsonElement? KeepAlive = null);

/// <summary>The body of <c>/api/embed</c> (<c>input</c>: a text or several) and <c>/api/embeddings</c> (<c>prompt</c>).</summary>
internal sealed record SimEmbed(string? Model = null, JsonElement? Input = null, string? Prompt = null, int? Dimensions = null);

/// <summary>The body of <c>/api/show</c>; older clients say <c>name</c>.</summary>
internal sealed record SimShow(string? Model = null, string? Name = null);

/// <summary>How the simulator reads and writes JSON: Ollama's names, and text as UTF-8 instead of escapes.</summary>
internal static class SimJson
{
    public static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static readonly JsonSerializerOptions Control = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };
}
