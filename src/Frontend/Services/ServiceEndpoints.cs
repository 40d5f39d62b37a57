using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Frontend.Hosting;
using Warroom.Services;

namespace Warroom.Frontend.Services;

/// <summary>The catalogue over REST.</summary>
internal static class ServiceEndpoints
{
    public static void MapServices(this IEndpointRouteBuilder routes)
    {
        var services = routes.MapGroup("/api/services").WithTags("services");
        services.MapGet("", ListAsync).WithSummary("All services by name.");
        services.MapGet("/{name}", GetAsync).WithSummary("One service.");
        services.MapPut("/{name}", PutAsync).WithSummary("Registers a service or changes its entry.");
        services.MapDelete("/{name}", DeleteAsync).WithSummary("Takes a service out of the catalogue.");
    }

    private static async Task<Ok<IReadOnlyList<ServiceEntry>>> ListAsync(ServiceQueries queries, CancellationToken cancellationToken)
    {
        var services = await queries.ListAsync(cancellationToken: cancellationToken);
        return TypedResults.Ok<IReadOnlyList<ServiceEntry>>([.. services.Select(found => ServiceEntry.From(found.Service, found.OpenIncidents))]);
    }

    private static async Task<Ok<ServiceEntry>> GetAsync(string name, ServiceQueries queries, CancellationToken cancellationToken)
    {
        var found = await queries.FindAsync(name, cancellationToken) ?? throw new DomainException(RefusalKind.NotFound, "service.not_found", $"There is no service {name}.");
        return TypedResults.Ok(ServiceEntry.From(found.Service, found.OpenIncidents));
    }

    // Both say what is to be, so a repetition changes nothing; the key is checked, and given back when the outcome is unknown.
    private static async Task<Ok<ServiceEntry>> PutAsync(string name, PutServiceRequest body, Caller _, IClusterClient cluster, ServiceQueries queries, CancellationToken cancellationToken)
    {
        var view = await cluster.GetGrain<IServiceGrain>(Key(name)).RegisterAsync(
            new() { Description = body.Description, Owner = body.Owner, DependsOn = body.DependsOn, Health = body.Health }, cancellationToken);
        var found = await queries.FindAsync(view.Name, cancellationToken);
        return TypedResults.Ok(ServiceEntry.From(view, found?.OpenIncidents ?? 0));
    }

    private static async Task<NoContent> DeleteAsync(string name, Caller _, IClusterClient cluster, CancellationToken cancellationToken)
    {
        await cluster.GetGrain<IServiceGrain>(Key(name)).RemoveAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>A grain's key must not be blank; the grain judges the rest.</summary>
    private static string Key(string name) => !string.IsNullOrWhiteSpace(name)
        ? name
        : throw new DomainException(RefusalKind.Invalid, "service.bad_name", "A service's name has 1 to 100 lower-case letters, digits, -, _ and .");
}
