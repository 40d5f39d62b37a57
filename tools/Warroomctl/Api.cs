using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Warroom.Control;

/// <summary>A front end's REST interface.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _url;

    public Api(Arguments arguments)
    {
        _url = arguments.Url;
        _http = new HttpClient { BaseAddress = arguments.Url, Timeout = TimeSpan.FromSeconds(20) };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Warroom-Actor", Uri.EscapeDataString(arguments.Actor));
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, cancellationToken);

    /// <summary>A command under an operation id of its own.</summary>
    public Task<JsonElement> PostAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Refusal(response.StatusCode, text);
            return JsonDocument.Parse(text).RootElement;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ControlException(ExitCode.Unreachable, $"No answer of Warroom at {_url}: {(exception is OperationCanceledException ? "it took longer than 20 s." : exception.Message)}")
            {
                NobodyListens = exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError },
            };
        }
    }

    private static ControlException Refusal(HttpStatusCode status, string text)
    {
        var code = (int)status >= 500 || status == HttpStatusCode.TooManyRequests ? ExitCode.Unreachable : ExitCode.Refused;
        try
        {
            var problem = JsonDocument.Parse(text).RootElement;
            return new(code, $"{problem.GetProperty("detail").GetString()} ({problem.GetProperty("code").GetString()}, trace {problem.GetProperty("trace_id").GetString()})");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new(code, $"The server answered {(int)status}, and not as Warroom does. Is --url a front end's address?");
        }
    }
}
