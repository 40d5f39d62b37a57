using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Frontend.Hosting;
using Warroom.Incidents;

namespace Warroom.Frontend.Incidents;

/// <summary>Incidents over REST; see <c>docs/contracts.md</c>.</summary>
internal static class IncidentEndpoints
{
    private const int PageDefault = 50;
    private const int PageMax = 200;

    public static void MapIncidents(this IEndpointRouteBuilder routes)
    {
        var incidents = routes.MapGroup("/api/incidents").WithTags("incidents");
        incidents.MapPost("", OpenAsync).WithSummary("Opens an incident.");
        incidents.MapGet("", ListAsync).WithSummary("Incidents, newest change first.");
        incidents.MapGet("/active", ListActiveAsync).WithSummary("Incidents that are not resolved.");
        incidents.MapGet("/{id:guid}", GetAsync).WithSummary("One incident.");
        incidents.MapPatch("/{id:guid}", ChangeAsync).WithSummary("Changes an incident.");
        incidents.MapPost("/{id:guid}/services", LinkServicesAsync).WithSummary("Links services to an incident.");
    }

    /// <summary>The refusal of an id that names nothing.</summary>
    public static DomainException NotFound(Guid id) => new(RefusalKind.NotFound, "incident.not_found", $"There is no incident {id}.");

    private static async Task<Results<Created<IncidentView>, Ok<IncidentView>>> OpenAsync(OpenIncidentRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Title))
        {
            throw new DomainException(RefusalKind.Invalid, "incident.title_required", "Title is required");
        }

        var id = EntityId.From(caller.OperationId);
        var ack = await cluster.GetGrain<IIncidentGrain>(id).OpenAsync(
            new()
            {
                OperationId = caller.OperationId,
                By = caller.By,
                Title = body.Title,
                Description = body.Description ?? "",
                Severity = body.Severity ?? Severity.Medium,
                Service = body.Service,
                StartedAt = body.StartedAt,
            },
            cancellationToken);
        return ack.Repeated ? TypedResults.Ok(ack.Incident) : TypedResults.Created($"/api/incidents/{id}", ack.Incident);
    }

    private static Task<Ok<IReadOnlyList<IncidentSummary>>> ListAsync(
        HttpContext context, IncidentQueries queries, int? limit, int? offset, string[]? status, string[]? severity, string[]? service, string? q, CancellationToken cancellationToken) =>
        PageAsync(
            context,
            queries,
            new()
            {
                Statuses = WireEnum<IncidentStatus>.ParseAll("status", status),
                Severities = WireEnum<Severity>.ParseAll("severity", severity),
                Services = [.. service ?? []],
                Text = q,
            },
            limit,
            offset,
            cancellationToken);

    private static Task<Ok<IReadOnlyList<IncidentSummary>>> ListActiveAsync(
        HttpContext context, IncidentQueries queries, int? limit, int? offset, string[]? severity, string[]? service, string? q, CancellationToken cancellationToken) =>
        PageAsync(
            context,
            queries,
            IncidentFilter.Active with { Severities = WireEnum<Severity>.ParseAll("severity", severity), Services = [.. service ?? []], Text = q },
            limit,
            offset,
            cancellationToken);

    private static async Task<Ok<IReadOnlyList<IncidentSummary>>> PageAsync(
        HttpContext context, IncidentQueries queries, IncidentFilter filter, int? limit, int? offset, CancellationToken cancellationToken)
    {
        var page = await queries.ListAsync(filter, Limits.Limit(limit, PageDefault, PageMax), Limits.Offset(offset), cancellationToken);
        context.Response.Headers["X-Total-Count"] = page.Total.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Ok(page.Items);
    }

    private static async Task<Ok<IncidentView>> GetAsync(Guid id, IncidentQueries queries, CancellationToken cancellationToken) =>
        TypedResults.Ok(await queries.FindAsync(id, cancellationToken) ?? throw NotFound(id));

    private static async Task<Ok<IncidentView>> ChangeAsync(Guid id, ChangeIncidentRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        var ack = await cluster.GetGrain<IIncidentGrain>(id).ChangeAsync(
            new()
            {
                OperationId = caller.OperationId,
                By = caller.By,
                Title = body.Title,
                Description = body.Description,
                Severity = body.Severity,
                Status = body.Status,
                Reason = body.Reason,
                ExpectedVersion = body.ExpectedVersion,
            },
            cancellationToken);
        return TypedResults.Ok(ack.Incident);
    }

    private static async Task<Ok<IncidentView>> LinkServicesAsync(Guid id, LinkServicesRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (body.Services is not { IsDefaultOrEmpty: false } services)
        {
            throw new DomainException(RefusalKind.Invalid, "incident.services_required", "Services is required: a list of names.");
        }

        if (services.Any(name => name is null))
        {
            throw new DomainException(RefusalKind.Invalid, "request.bad_value", "services must be a list of texts.");
        }

        var ack = await cluster.GetGrain<IIncidentGrain>(id).LinkServicesAsync(new() { OperationId = caller.OperationId, By = caller.By, Services = services }, cancellationToken);
        return TypedResults.Ok(ack.Incident);
    }
}
