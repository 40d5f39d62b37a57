using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Incidents;
using Warroom.Incidents;

namespace Warroom.Frontend.Timeline;

/// <summary>An incident's timeline over REST.</summary>
internal static class TimelineEndpoints
{
    private const int PageDefault = 200;
    private const int PageMax = 1_000;

    public static void MapTimeline(this IEndpointRouteBuilder routes)
    {
        var timeline = routes.MapGroup("/api/incidents/{id:guid}/timeline").WithTags("timeline");
        timeline.MapGet("", ReadAsync).WithSummary("Events after a number.");
        timeline.MapPost("", PostAsync).WithSummary("Writes into the timeline; answers when it is durable.");
    }

    private static async Task<Ok<TimelinePage>> ReadAsync(Guid id, long? after, int? limit, IncidentQueries queries, CancellationToken cancellationToken)
    {
        var page = await queries.TimelineAsync(id, Limits.After(after), Limits.Limit(limit, PageDefault, PageMax), cancellationToken) ?? throw IncidentEndpoints.NotFound(id);
        return TypedResults.Ok(new TimelinePage { Events = [.. page.Events], Version = page.Version, More = page.More });
    }

    private static async Task<Created<Receipt>> PostAsync(Guid id, PostEntryRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Text))
        {
            throw new DomainException(RefusalKind.Invalid, "incident.text_required", "Text is required");
        }

        var ack = await cluster.GetGrain<IIncidentGrain>(id).PostAsync(new() { OperationId = caller.OperationId, By = caller.By, Text = body.Text }, cancellationToken);
        return TypedResults.Created((string?)null, new Receipt { Seq = ack.Seq, Repeated = ack.Repeated });
    }
}
