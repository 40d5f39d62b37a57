using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>Answers that are one JSON object.</summary>
internal static class OllamaBodies
{
    private const int BytesMax = 64 * 1024 * 1024;

    /// <summary>Sends the request and reads the object; no more than 64 MiB of it.</summary>
    public static async Task<T> ReadAsync<T>(HttpClient http, HttpRequestMessage request, OllamaDeadline deadline, JsonTypeInfo<T> type)
    {
        using var response = await OllamaErrors.SendAsync(http, request, deadline);
        try
        {
            await response.Content.LoadIntoBufferAsync(BytesMax, deadline.Token);
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            return await JsonSerializer.DeserializeAsync(body, type, deadline.Token)
                ?? throw new ModelException(ModelFailure.Protocol, $"{http.BaseAddress} answered null.");
        }
        catch (JsonException malformed)
        {
            throw new ModelException(ModelFailure.Protocol, $"{http.BaseAddress} answered something that is not what the protocol says.", malformed);
        }
        catch (OperationCanceledException cancelled)
        {
            throw deadline.Explain(cancelled);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw deadline.Token.IsCancellationRequested
                ? deadline.Explain(new OperationCanceledException(broken.Message, broken, deadline.Token))
                : new ModelException(ModelFailure.Cut, "The connection broke before the answer was at its end.", broken);
        }
    }
}
