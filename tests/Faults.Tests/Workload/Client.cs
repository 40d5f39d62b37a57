using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

using Warroom.Faults.History;

namespace Warroom.Faults.Workload;

/// <summary>An operation as it is sent.</summary>
public sealed record Command(Guid OpId, OperationKind Kind, Guid? Incident, HttpMethod Method, string Path, object? Body, long? Expected = null, string? Payload = null)
{
    /// <summary>Whether it is sent once, whatever the answer: of what is sent until it is acknowledged, a wrong answer on the way there shows less.</summary>
    public bool IsSentOnce { get; init; }
}

/// <summary>
/// A client that does as docs/contracts.md tells it: the operation's id is written down before it is sent; without an answer the same is sent again, to another front end. It needs none of the product's types.
/// </summary>
public sealed class Client : IDisposable
{
    /// <summary>How often an operation is sent when nobody says what became of it.</summary>
    private const int UnknownAttemptsMax = 5;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(40);
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly string _name;
    private readonly HistoryFile _history;
    private readonly Random _random;
    private readonly HttpClient[] _frontEnds;
    private int _current;

    public Client(string name, IReadOnlyList<Uri> frontEnds, HistoryFile history, Random random)
    {
        _name = name;
        _history = history;
        _random = random;
        _frontEnds = [.. frontEnds.Select(address => new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) })];
        _current = random.Next(frontEnds.Count);
    }

    /// <summary>Sends a command until it is answered or given up; the answer's body if it was acknowledged.</summary>
    public async Task<JsonElement?> SendAsync(Command command, CancellationToken cancellationToken)
    {
        var begin = HistoryFile.Now;
        var unknown = 0;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TryAsync(command);
            if (answer.Type == Outcome.Ok)
                return answer.Body;
            unknown += answer.Type == Outcome.Info ? 1 : 0;
            if (!answer.IsWorthAnother || command.IsSentOnce || unknown >= UnknownAttemptsMax || cancellationToken.IsCancellationRequested || HistoryFile.Now - begin > GiveUpAfter.TotalNanoseconds)
                return null;

            _current = (_current + 1) % _frontEnds.Length;
            var pause = TimeSpan.FromMilliseconds(Math.Min(1_000, 25 * (1 << Math.Min(attempt, 6))) * (0.5 + _random.NextDouble()));
            await Task.Delay(answer.RetryAfter is { } asked && asked < pause ? asked : pause, TimeProvider.System, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        foreach (var frontEnd in _frontEnds)
            frontEnd.Dispose();
    }

    private async Task<Answer> TryAsync(Command command)
    {
        var frontEnd = _frontEnds[_current];
        _history.Add(new Invoked(command.OpId, _name, command.Kind, command.Incident, command.Expected, command.Payload, frontEnd.BaseAddress!.Authority));
        var answer = await AskAsync(frontEnd, command);
        _history.Add(new Returned(command.OpId, answer.Type, Number(answer.Body, "seq"), Number(answer.Body, "version"), answer.Code));
        return answer;
    }

    private async Task<Answer> AskAsync(HttpClient frontEnd, Command command)
    {
        try
        {
            using var request = new HttpRequestMessage(command.Method, command.Path) { Content = command.Body is null ? null : JsonContent.Create(command.Body, command.Body.GetType(), options: Json) };
            request.Headers.Add("Idempotency-Key", command.OpId.ToString());
            request.Headers.Add("X-Warroom-Actor", _name);
            using var response = await frontEnd.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var body = text.Length > 0 && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonDocument.Parse(text).RootElement : (JsonElement?)null;
            return Read(response, body);
        }
        catch (HttpRequestException refused) when (refused.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } or OperationCanceledException || refused.HttpRequestError == HttpRequestError.ConnectionError)
        {
            // There was no connection, so nothing was sent.
            return new(Outcome.Fail, null, "refused", IsWorthAnother: true);
        }
        catch (Exception noAnswer) when (noAnswer is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            return new(Outcome.Info, null, noAnswer.GetType().Name, IsWorthAnother: true);
        }
    }

    // docs/contracts.md: 504 says that the outcome is unknown; 429 and 503 with a problem say that this attempt did nothing and to come again; other 4xx that it never will. A 5xx without a problem says nothing.
    private static Answer Read(HttpResponseMessage response, JsonElement? body)
    {
        var code = body is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("code", out var named) ? $"{(int)response.StatusCode} {named}" : $"{(int)response.StatusCode}";
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => new(Outcome.Ok, body, code),
            HttpStatusCode.TooManyRequests => new(Outcome.Fail, null, code, IsWorthAnother: true, response.Headers.RetryAfter?.Delta),
            HttpStatusCode.ServiceUnavailable when body is not null => new(Outcome.Fail, null, code, IsWorthAnother: true, response.Headers.RetryAfter?.Delta),
            >= HttpStatusCode.InternalServerError => new(Outcome.Info, null, code, IsWorthAnother: true),
            _ => new(Outcome.Refused, null, code),
        };
    }

    private static long? Number(JsonElement? body, string name) =>
        body is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : null;

    private sealed record Answer(Outcome Type, JsonElement? Body, string Code, bool IsWorthAnother = false, TimeSpan? RetryAfter = null);
}
