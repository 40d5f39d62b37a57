using System.Text.Json;

namespace Warroom.Simulation;

/// <summary>Ollama's HTTP API.</summary>
internal static class OllamaApi
{
    private const string Version = "0.13.0";

    /// <summary>Maps it.</summary>
    public static void MapOllama(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", ["GET", "HEAD"], () => Results.Text("Ollama is running"));
        routes.MapMethods("/api/version", ["GET", "HEAD"], () => Results.Json(new { version = Version + "-sim" }));
        routes.MapMethods("/api/tags", ["GET", "HEAD"], () => Results.Json(new { models = SimModel.All.Select(model => Listed(model)) }, SimJson.Wire));
        routes.MapGet("/api/ps", (SimState state) => Results.Json(new { models = state.Loaded().Select(loaded => Listed(SimModel.Find(loaded.Model)!, loaded.Until)) }, SimJson.Wire));
        routes.MapPost("/api/show", ShowAsync);
        routes.MapPost("/api/chat", ChatAsync);
        routes.MapPost("/api/generate", GenerateAsync);
        routes.MapPost("/api/embed", http => EmbedAsync(http, several: true));
        routes.MapPost("/api/embeddings", http => EmbedAsync(http, several: false));
        routes.MapFallback(() => Results.Text("404 page not found", statusCode: StatusCodes.Status404NotFound));
    }

    /// <summary>Answers with Ollama's error object.</summary>
    public static Task FailAsync(this HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(new { error }, SimJson.Wire);
    }

    private static async Task ChatAsync(HttpContext http)
    {
        if (await ReadAsync<SimChat>(http) is not { } chat || await FindAsync(http, chat.Model) is not { } model)
            return;
        var messages = chat.Messages ?? [];
        var prompt = messages.LastOrDefault(message => message.Role == "user")?.Content ?? string.Empty;
        if (await LoadAsync(http, SimShape.Chat, model, chat.KeepAlive, nothingAsked: messages.Count == 0))
            return;
        var promptTokens = messages.Sum(message => SimText.Tokenise(message.Content ?? string.Empty).Count() + 4);
        var begun = messages[^1] is { Role: "assistant", ToolCalls: null } last ? last.Content ?? string.Empty : string.Empty;
        var system = messages.FirstOrDefault(message => message.Role == "system")?.Content ?? string.Empty;
        var call = messages[^1].Role == "user" ? SimTools.CallFor(prompt, chat.Tools) : null;
        await http.RequestServices.GetRequiredService<SimReplies>().AnswerAsync(
            http, new(SimShape.Chat, model, chat.Stream ?? true, prompt, promptTokens, chat.Options, IsJson(chat.Format), call, begun, system, messages.Count));
    }

    private static async Task GenerateAsync(HttpContext http)
    {
        if (await ReadAsync<SimGenerate>(http) is not { } generate || await FindAsync(http, generate.Model) is not { } model)
            return;
        var prompt = generate.Prompt ?? string.Empty;
        if (await LoadAsync(http, SimShape.Generate, model, generate.KeepAlive, nothingAsked: prompt.Length == 0))
            return;
        var promptTokens = SimText.Tokenise(generate.System + prompt).Count();
        await http.RequestServices.GetRequiredService<SimReplies>().AnswerAsync(
            http, new(SimShape.Generate, model, generate.Stream ?? true, prompt, promptTokens, generate.Options, IsJson(generate.Format), null));
    }

    private static async Task EmbedAsync(HttpContext http, bool several)
    {
        if (await ReadAsync<SimEmbed>(http) is not { } embed || await FindAsync(http, embed.Model) is not { } model)
            return;
        var state = http.RequestServices.GetRequiredService<SimState>();
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var started = time.GetTimestamp();
        string[]? texts = several
            ? embed.Input switch
            {
                { ValueKind: JsonValueKind.String } one => [one.GetString()!],
                { ValueKind: JsonValueKind.Array } all => [.. all.EnumerateArray().Select(text => text.ToString())],
                _ => null,
            }
            : [embed.Prompt ?? string.Empty];
        if (texts is null)
        {
            await http.FailAsync(StatusCodes.Status400BadRequest, "invalid input type");
            return;
        }

        var request = state.Begin(http.Request.Path, model.Name, stream: false, texts.FirstOrDefault() ?? string.Empty);
        if (request.Knobs.Fault is SimFault.Error or SimFault.Unavailable)
        {
            await http.FailAsync(request.Knobs.Fault == SimFault.Error ? 500 : 503, "failed to get embedding: simulated");
            state.End(request, SimOutcome.Faulted);
            return;
        }

        state.Load(model.Name, TimeSpan.FromMinutes(5));
        var vectors = texts.Select(text => SimText.Embed(text, embed.Dimensions is > 0 and <= 8192 and var size ? size : model.Dimensions)).ToArray();
        var count = texts.Sum(text => SimText.Tokenise(text).Count());
        var nanoseconds = (long)(time.GetElapsedTime(started).TotalSeconds * 1e9);
        object answer = several
            ? new { model = model.Name, embeddings = vectors, total_duration = nanoseconds, load_duration = 1_000_000L, prompt_eval_count = count }
            : new { embedding = vectors[0] };
        state.End(request, SimOutcome.Complete);
        await http.Response.WriteAsJsonAsync(answer, SimJson.Wire);
    }

    private static async Task ShowAsync(HttpContext http)
    {
        if (await ReadAsync<SimShow>(http) is not { } show || await FindAsync(http, show.Model ?? show.Name) is not { } model)
            return;
        await http.Response.WriteAsJsonAsync(
            new
            {
                license = "None: no model is behind this name.",
                modelfile = $"# {model.Name} is simulated by OllamaSim.",
                parameters = string.Empty,
                template = "{{ .Prompt }}",
                details = Details(model),
                model_info = new Dictionary<string, object>
                {
                    ["general.architecture"] = SimModel.Family,
                    [$"{SimModel.Family}.context_length"] = 8192,
                    [$"{SimModel.Family}.embedding_length"] = model.Dimensions,
                },
                capabilities = model.Name == "sim:embed" ? new[] { "embedding" } : ["completion", "tools"],
                modified_at = SimModel.ModifiedAt,
            },
            SimJson.Wire);
    }

    /// <summary>An empty question only loads the model, or unloads it when it is to be kept for no time.</summary>
    private static async Task<bool> LoadAsync(HttpContext http, SimShape shape, SimModel model, JsonElement? keepAlive, bool nothingAsked)
    {
        var keep = SimKeepAlive.Parse(keepAlive);
        http.RequestServices.GetRequiredService<SimState>().Load(model.Name, keep);
        if (!nothingAsked)
            return false;
        var created = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var reason = keep == TimeSpan.Zero ? "unload" : "load";
        object answer = shape == SimShape.Chat
            ? new { model = model.Name, created_at = created, message = new { role = "assistant", content = string.Empty }, done_reason = reason, done = true }
            : new { model = model.Name, created_at = created, response = string.Empty, done_reason = reason, done = true };
        await http.Response.WriteAsJsonAsync(answer, SimJson.Wire);
        return true;
    }

    // As Ollama does, whatever Content-Type the client gives.
    private static async Task<T?> ReadAsync<T>(HttpContext http)
        where T : class
    {
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(http.Request.Body, SimJson.Wire, http.RequestAborted) is { } body)
                return body;
            await http.FailAsync(StatusCodes.Status400BadRequest, "missing request body");
        }
        catch (JsonException invalid)
        {
            await http.FailAsync(StatusCodes.Status400BadRequest, invalid.BytePositionInLine is null or 0 ? "missing request body" : invalid.Message);
        }

        return null;
    }

    private static async Task<SimModel?> FindAsync(HttpContext http, string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            await http.FailAsync(StatusCodes.Status400BadRequest, "model is required");
            return null;
        }

        var model = SimModel.Find(name);
        if (model is null)
            await http.FailAsync(StatusCodes.Status404NotFound, $"model \"{name}\" not found, try pulling it first");
        return model;
    }

    private static bool IsJson(JsonElement? format) => format is { ValueKind: JsonValueKind.Object } || (format is { ValueKind: JsonValueKind.String } text && text.GetString() == "json");

    private static object Details(SimModel model) => new
    {
        parent_model = string.Empty,
        format = "none",
        family = SimModel.Family,
        families = new[] { SimModel.Family },
        parameter_size = model.ParameterSize,
        quantization_level = "none",
    };

    private static object Listed(SimModel model, DateTimeOffset? loadedUntil = null) => loadedUntil is { } until
        ? new { name = model.Name, model = model.Name, size = 0L, digest = model.Digest, details = Details(model), expires_at = until, size_vram = 0L }
        : new { name = model.Name, model = model.Name, modified_at = SimModel.ModifiedAt, size = 0L, digest = model.Digest, details = Details(model) };
}
