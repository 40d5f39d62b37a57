using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Warroom.Simulation;

/// <summary>One reply: its tokens, its lines, and the figures of its last line (durations in nanoseconds, as Ollama counts).</summary>
internal sealed class SimReply
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly SimQuestion _question;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly string _doneReason = "stop";
    private long _firstToken;

    public SimReply(SimQuestion question, SimRequest request, TimeProvider time)
    {
        _question = question;
        _time = time;
        _started = _firstToken = time.GetTimestamp();
        if (question.ToolCall is not null)
        {
            Tokens = [string.Empty];
            return;
        }

        var tokens = request.Knobs.Reply is { } script
            ? [.. SimText.Tokenise(script)]
            : question.Json
                ? [.. SimText.Tokenise(JsonSerializer.Serialize(new { simulated = true, prompt = question.Prompt }, SimJson.Wire))]
                : SimText.Tokens(question.Model.Name, question.Prompt, request.Knobs.ReplyTokens);
        tokens = GoOn(tokens, question.Begun);
        tokens = Stop(tokens, question.Options?.Stop);
        if (question.Options?.NumPredict is > 0 and var most && tokens.Count > most)
        {
            tokens = [.. tokens.Take(most)];
            _doneReason = "length";
        }

        Tokens = tokens;
    }

    public IReadOnlyList<string> Tokens { get; }

    public void FirstToken() => _firstToken = _time.GetTimestamp();

    /// <summary>The line of one token.</summary>
    public byte[] Line(string token) => Write(writer =>
    {
        Content(writer, token, _question.ToolCall);
        writer.WriteBoolean("done", false);
    });

    /// <summary>The line that says done. A reply that is not streamed is this line with all of the text.</summary>
    public byte[] LastLine(string text) => Write(writer =>
    {
        var now = _time.GetTimestamp();
        Content(writer, text, _question.Stream ? null : _question.ToolCall);
        writer.WriteString("done_reason", _doneReason);
        writer.WriteBoolean("done", true);
        writer.WriteNumber("total_duration", Nanoseconds(_started, now));
        writer.WriteNumber("load_duration", 1_000_000);
        writer.WriteNumber("prompt_eval_count", _question.PromptTokens);
        writer.WriteNumber("prompt_eval_duration", Nanoseconds(_started, _firstToken));
        writer.WriteNumber("eval_count", Tokens.Count);
        writer.WriteNumber("eval_duration", Nanoseconds(_firstToken, now));
    });

    // A chat that ends with an assistant's message asks to go on from there, as with Ollama.
    private static IReadOnlyList<string> GoOn(IReadOnlyList<string> tokens, string begun) =>
        begun.Length > 0 && string.Concat(tokens) is var text && text.StartsWith(begun, StringComparison.Ordinal) ? [.. SimText.Tokenise(text[begun.Length..])] : tokens;

    private static IReadOnlyList<string> Stop(IReadOnlyList<string> tokens, JsonElement? stop)
    {
        var words = stop switch
        {
            { ValueKind: JsonValueKind.String } one => [one.GetString()!],
            { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Select(word => word.ToString()).ToArray(),
            _ => [],
        };
        var text = string.Concat(tokens);
        var ends = words.Where(word => word.Length > 0).Select(word => text.IndexOf(word, StringComparison.Ordinal)).Where(at => at >= 0).ToArray();
        return ends.Length == 0 ? tokens : [.. SimText.Tokenise(text[..ends.Min()])];
    }

    private byte[] Write(Action<Utf8JsonWriter> members)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(line, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("model", _question.Model.Name);
            writer.WriteString("created_at", _time.GetUtcNow().UtcDateTime);
            members(writer);
            writer.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private void Content(Utf8JsonWriter writer, string text, SimToolCall? call)
    {
        if (_question.Shape == SimShape.Generate)
        {
            writer.WriteString("response", text);
            return;
        }

        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", text);
        if (call is not null)
        {
            writer.WritePropertyName("tool_calls");
            JsonSerializer.Serialize(writer, new[] { new { function = new { name = call.Name, arguments = call.Arguments } } }, SimJson.Wire);
        }

        writer.WriteEndObject();
    }

    private long Nanoseconds(long from, long to) => (long)(_time.GetElapsedTime(from, to).TotalSeconds * 1e9);
}
