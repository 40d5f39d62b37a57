using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Bots;
using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Bots;

/// <summary>Bots and models over REST.</summary>
internal static class BotEndpoints
{
    public static void MapBots(this IEndpointRouteBuilder routes)
    {
        var bots = routes.MapGroup("/api/bots").WithTags("bots");
        bots.MapGet("", ListAsync).WithSummary("All bots by id.");
        bots.MapPost("", LaunchAsync).WithSummary("Launches a bot.");
        bots.MapGet("/{id}", GetAsync).WithSummary("One bot.");
        bots.MapPatch("/{id}", ConfigureAsync).WithSummary("Changes, stops or starts a bot.");
        routes.MapGet("/api/models", ListModelsAsync).WithTags("bots").WithSummary("Model endpoints and what they offer.");
    }

    private static async Task<Ok<IReadOnlyList<BotView>>> ListAsync(BotQueries queries, CancellationToken cancellationToken) => TypedResults.Ok(await queries.ListAsync(cancellationToken));

    private static async Task<Created<BotView>> LaunchAsync(LaunchBotRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Name))
        {
            throw new DomainException(RefusalKind.Invalid, "bot.name_required", "Name is required");
        }

        var view = await cluster.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(
            new() { OperationId = caller.OperationId, Name = body.Name, Persona = body.Persona ?? "", Model = body.Model ?? "" }, cancellationToken);
        return TypedResults.Created($"/api/bots/{view.Id}", view);
    }

    private static async Task<Ok<BotView>> GetAsync(string id, BotQueries queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.FindAsync(id, cancellationToken) ?? throw NotFound(id));

    // It says what is to be, so a repetition changes nothing; the key is checked, and given back when the outcome is unknown.
    private static async Task<Ok<BotView>> ConfigureAsync(string id, ConfigureBotRequest body, Caller _, BotQueries queries, IClusterClient cluster, CancellationToken cancellationToken)
    {
        // The key must be one that is known: a grain for each made-up id would be a leak.
        if (await queries.FindAsync(id, cancellationToken) is null)
        {
            throw NotFound(id);
        }

        return TypedResults.Ok(await cluster.GetGrain<IBotGrain>(id).ConfigureAsync(
            new() { Name = body.Name, Persona = body.Persona, Model = body.Model, Status = body.Status }, cancellationToken));
    }

    private static async Task<Ok<ModelList>> ListModelsAsync(ModelCatalogue models, CancellationToken cancellationToken) => TypedResults.Ok(await models.ListAsync(cancellationToken));

    private static DomainException NotFound(string id) => new(RefusalKind.NotFound, "bot.not_found", $"There is no bot {id}.");
}
