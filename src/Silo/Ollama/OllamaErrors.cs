using System.Net;
using System.Text.Json;
using Warroom.Models;

namespace Warroom.Ollama;

/// <summary>Sends requests, and turns what goes wrong on the way into <see cref="ModelException"/>.</summary>
internal static class OllamaErrors
{
    private const int ErrorBytesMax = 16 * 1024;

    /// <summary>The response of a request, once its head is there and says success. Its body is not read.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, OllamaDeadline deadline)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        }
        catch (HttpRequestException failed)
        {
            throw deadline.Token.IsCancellationRequested
                ? deadline.Explain(new OperationCanceledException(failed.Message, failed, deadline.Token))
                : new ModelException(ModelFailure.Unavailable, $"{http.BaseAddress} does not answer: {failed.Message}", failed);
        }
        catch (OperationCanceledException cancelled)
        {
            // A connection that takes too long ends as a cancellation that nobody asked for.
            throw deadline.Token.IsCancellationRequested
                ? deadline.Explain(cancelled)
                : new ModelException(ModelFailure.Unavailable, $"{http.BaseAddress} takes too long to connect to.", cancelled);
        }

        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            throw await FromStatusAsync(http, response, deadline);
        }
    }

    /// <summary>Ollama's error object inside a stream that began well.</summary>
    public static ModelException FromLine(string error) => new(ModelFailure.Failed, $"Ollama says: {error}");

    private static async Task<ModelException> FromStatusAsync(HttpClient http, HttpResponseMessage response, OllamaDeadline deadline)
    {
        var error = await ReadErrorAsync(response, deadline);
        var failure = response.StatusCode switch
        {
            HttpStatusCode.NotFound when error.Contains("not found", StringComparison.OrdinalIgnoreCase) && error.Contains("model", StringComparison.OrdinalIgnoreCase) => ModelFailure.ModelNotFound,
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => ModelFailure.Overloaded,
            HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => ModelFailure.Unavailable,
            >= HttpStatusCode.InternalServerError => ModelFailure.Failed,
            >= HttpStatusCode.BadRequest => ModelFailure.Rejected,
            _ => ModelFailure.Protocol,
        };
        return new(failure, $"{http.BaseAddress} answers {(int)response.StatusCode}: {error}");
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, OllamaDeadline deadline)
    {
        var bytes = new byte[ErrorBytesMax];
        var length = 0;
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, deadline.Token);
            return JsonSerializer.Deserialize(bytes.AsSpan(0, length), OllamaJson.Wire.OllamaError)?.Error ?? "(no error given)";
        }
        catch (JsonException)
        {
            return length == 0 ? "(empty)" : $"({length} bytes that are not an error object)";
        }
        catch (OperationCanceledException cancelled)
        {
            throw deadline.Explain(cancelled);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            return $"({broken.Message})";
        }
    }
}
