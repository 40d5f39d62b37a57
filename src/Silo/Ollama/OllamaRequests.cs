using System.Text.Json;
using Microsoft.Extensions.AI;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>What the caller asks for, in Ollama's words. Pure.</summary>
internal static class OllamaRequests
{
    /// <summary>The body of <c>/api/chat</c>.</summary>
    public static OllamaChatRequest Chat(IEnumerable<ChatMessage> messages, ChatOptions? options, string keepAlive)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (string.IsNullOrWhiteSpace(options?.ModelId))
            throw new ModelException(ModelFailure.Rejected, "The request names no model.");

        // A result has its call's id alone, and the call is in an earlier message.
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var mapped = messages.SelectMany(message => Messages(message, names)).ToList();
        if (!string.IsNullOrEmpty(options.Instructions))
            mapped.Insert(0, new("system", options.Instructions));
        return new(
            options.ModelId,
            mapped,
            Stream: true,
            ModelOptions(options),
            options.ToolMode is NoneChatToolMode ? null : Tools(options.Tools),
            Format(options.ResponseFormat),
            keepAlive.Length == 0 ? null : keepAlive);
    }

    private static IEnumerable<OllamaMessage> Messages(ChatMessage message, Dictionary<string, string> names)
    {
        foreach (var call in message.Contents.OfType<FunctionCallContent>())
            names[call.CallId] = call.Name;
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
            yield return new("tool", ResultText(result.Result), ToolName: names.GetValueOrDefault(result.CallId));
        var calls = message.Contents.OfType<FunctionCallContent>().Select(call => new OllamaToolCall(new(call.Name, Arguments(call.Arguments)))).ToArray();
        var images = message.Contents.OfType<DataContent>().Where(data => data.HasTopLevelMediaType("image")).Select(data => data.Base64Data.ToString()).ToArray();
        var text = message.Text;
        if (text.Length > 0 || calls.Length > 0 || images.Length > 0)
            yield return new(message.Role.Value, text, calls.Length == 0 ? null : calls, null, images.Length == 0 ? null : images);
    }

    private static string ResultText(object? result) => result switch
    {
        null => string.Empty,
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => Element(result).GetRawText(),
    };

    private static Dictionary<string, JsonElement> Arguments(IDictionary<string, object?>? arguments) =>
        arguments?.ToDictionary(argument => argument.Key, argument => Element(argument.Value)) ?? [];

    private static JsonElement Element(object? value) =>
        value as JsonElement? ?? JsonSerializer.SerializeToElement(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));

    private static OllamaModelOptions? ModelOptions(ChatOptions options)
    {
        var mapped = new OllamaModelOptions(
            options.Temperature,
            options.TopP,
            options.TopK,
            options.MaxOutputTokens,
            options.Seed,
            options.FrequencyPenalty,
            options.PresencePenalty,
            options.StopSequences is { Count: > 0 } stop ? [.. stop] : null);
        return mapped == new OllamaModelOptions(null, null, null, null, null, null, null, null) ? null : mapped;
    }

    private static OllamaTool[]? Tools(IList<AITool>? tools) =>
        tools?.OfType<AIFunctionDeclaration>().Select(tool => new OllamaTool("function", new(tool.Name, tool.Description, tool.JsonSchema))).ToArray() is { Length: > 0 } mapped ? mapped : null;

    private static JsonElement? Format(ChatResponseFormat? format) => format switch
    {
        ChatResponseFormatJson { Schema: { } schema } => schema,
        ChatResponseFormatJson => Element("json"),
        _ => null,
    };
}
