using System.Text.Json;

namespace Warroom.Simulation;

/// <summary>The simulator's own endpoints, beside Ollama's: <c>/sim/knobs</c> to change what it does, <c>/sim/requests</c> to see what it was asked.</summary>
internal static class SimControl
{
    /// <summary>Maps them.</summary>
    public static void MapSimulation(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sim/knobs", (SimState state) => Results.Json(state.Knobs, SimJson.Control));
        routes.MapPost("/sim/knobs", ChangeAsync);
        routes.MapGet("/sim/requests", (SimState state) => Results.Json(state.Log(), SimJson.Control));
        routes.MapDelete("/sim/requests", (SimState state) =>
        {
            state.ClearLog();
            return Results.NoContent();
        });
    }

    private static async Task<IResult> ChangeAsync(HttpContext http, SimState state)
    {
        try
        {
            var change = await JsonSerializer.DeserializeAsync<SimKnobsChange>(http.Request.Body, SimJson.Control, http.RequestAborted) ?? new();
            return change.Refusal() is { } refusal
                ? Results.Json(new { error = refusal }, statusCode: StatusCodes.Status400BadRequest)
                : Results.Json(state.Change(change), SimJson.Control);
        }
        catch (JsonException invalid)
        {
            return Results.Json(new { error = invalid.Message }, statusCode: StatusCodes.Status400BadRequest);
        }
    }
}
