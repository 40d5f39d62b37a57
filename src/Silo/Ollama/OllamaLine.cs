using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>One line of a streamed answer of <c>/api/chat</c>. Read without an object in between: there is one for each token.</summary>
internal struct OllamaLine
{
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = 32 };

    /// <summary>The model that answers.</summary>
    public string? Model;

    /// <summary>The text of the token.</summary>
    public string? Content;

    /// <summary>What the model thinks aloud before it answers.</summary>
    public string? Thinking;

    /// <summary>Calls of tools that the model asks for.</summary>
    public List<FunctionCallContent>? Calls;

    /// <summary>Ollama's error, if the line is one.</summary>
    public string? Error;

    /// <summary>Whether this is the last line.</summary>
    public bool Done;

    /// <summary>Why it is the last.</summary>
    public string? DoneReason;

    /// <summary>Tokens of the prompt.</summary>
    public long? PromptTokens;

    /// <summary>Tokens of the reply.</summary>
    public long? ReplyTokens;

    private int _callsBefore;

    /// <summary>Reads a line.</summary>
    /// <param name="bytes">The line.</param>
    /// <param name="callsBefore">How many calls the lines before it had: a call that comes without an id gets one that no other call of the answer has.</param>
    /// <exception cref="ModelException">It is not JSON, not an object, or a member is not what it has to be.</exception>
    public static OllamaLine Parse(in ReadOnlySequence<byte> bytes, int callsBefore)
    {
        var line = new OllamaLine { _callsBefore = callsBefore };
        try
        {
            var reader = new Utf8JsonReader(bytes, Reading);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new ModelException(ModelFailure.Protocol, "A line of the model's answer is not a JSON object.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                line.Member(ref reader);
            if (reader.Read())
                throw new ModelException(ModelFailure.Protocol, "A line of the model's answer holds more than one JSON object.");
            return line;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a member of another type, or text that is not valid UTF-8 or UTF-16.
            throw new ModelException(ModelFailure.Protocol, $"A line of the model's answer, {bytes.Length} bytes long, is malformed.", malformed);
        }
    }

    private void Member(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("message"u8))
            Message(ref reader);
        else if (reader.ValueTextEquals("done"u8))
            Done = Value(ref reader) && reader.GetBoolean();
        else if (reader.ValueTextEquals("model"u8))
            Model = Text(ref reader);
        else if (reader.ValueTextEquals("error"u8))
            Error = Text(ref reader) ?? "unknown";
        else if (reader.ValueTextEquals("done_reason"u8))
            DoneReason = Text(ref reader);
        else if (reader.ValueTextEquals("prompt_eval_count"u8))
            PromptTokens = Value(ref reader) ? reader.GetInt64() : null;
        else if (reader.ValueTextEquals("eval_count"u8))
            ReplyTokens = Value(ref reader) ? reader.GetInt64() : null;
        else
            reader.Skip();
    }

    private void Message(ref Utf8JsonReader reader)
    {
        if (!Value(ref reader))
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException("message is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
                Content = Text(ref reader);
            else if (reader.ValueTextEquals("thinking"u8))
                Thinking = Text(ref reader);
            else if (reader.ValueTextEquals("tool_calls"u8))
                ToolCalls(ref reader);
            else
                reader.Skip();
        }
    }

    // Rare and small, so an object in between is no loss.
    private void ToolCalls(ref Utf8JsonReader reader)
    {
        if (!Value(ref reader))
            return;
        using var calls = JsonDocument.ParseValue(ref reader);
        foreach (var call in calls.RootElement.EnumerateArray())
        {
            if (!call.TryGetProperty("function", out var function) || !function.TryGetProperty("name", out var name) || name.GetString() is not { Length: > 0 } named)
                throw new FormatException("a tool call has no function name");
            var arguments = function.TryGetProperty("arguments", out var given) && given.ValueKind == JsonValueKind.Object
                ? given.EnumerateObject().ToDictionary(argument => argument.Name, argument => (object?)argument.Value.Clone())
                : [];
            var id = call.TryGetProperty("id", out var told) && told.ValueKind == JsonValueKind.String ? told.GetString()! : $"call-{_callsBefore + (Calls?.Count ?? 0) + 1}-{named}";
            (Calls ??= []).Add(new FunctionCallContent(id, named, arguments));
        }
    }

    private static bool Value(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.Null;

    // U+0000 can be neither stored by PostgreSQL nor shown, and no model means it.
    private static string? Text(ref Utf8JsonReader reader) =>
        Value(ref reader) ? reader.GetString()!.Replace('\0', '\uFFFD') : null;
}
