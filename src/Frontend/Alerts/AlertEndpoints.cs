using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Alerts;

namespace Warroom.Frontend.Alerts;

/// <summary>Webhooks of alert sources.</summary>
internal static class AlertEndpoints
{
    public static void MapAlerts(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/webhooks/alertmanager", ReceiveAsync).WithTags("alerts").WithSummary("Takes in what Alertmanager sends (webhook version 4); answers when all of it is durable.");

    private static async Task<Ok<AlertRoutes>> ReceiveAsync(
        AlertmanagerMessage body, IClusterClient cluster, AlertMetrics metrics, TimeProvider time, ILogger<AlertmanagerMessage> logger, CancellationToken cancellationToken)
    {
        var (batches, unreadable) = AlertmanagerParser.Parse(body, time.GetUtcNow());
        if (unreadable > 0)
        {
            AlertLog.Unreadable(logger, unreadable);
            metrics.Unreadable(unreadable);
        }

        if (body.TruncatedAlerts.ValueKind == JsonValueKind.Number && body.TruncatedAlerts.TryGetInt32(out var truncated) && truncated > 0)
        {
            AlertLog.Truncated(logger, truncated);
            metrics.Truncated(truncated);
        }

        // All services at once: they are different grains. One that fails fails the whole, and Alertmanager sends again, which is safe.
        var routes = await Task.WhenAll(batches.GroupBy(batch => batch.Service, batch => batch.Batch, StringComparer.Ordinal).Select(service => GiveAsync(cluster.GetGrain<IAlertRouterGrain>(service.Key), service, cancellationToken)));
        foreach (var (_, batch) in batches)
        {
            metrics.Received(batch.Alerts);
        }

        return TypedResults.Ok(new AlertRoutes { Routes = [.. routes.SelectMany(some => some)] });
    }

    /// <summary>A service's batches one after the other, as later alerts may be news of earlier ones.</summary>
    private static async Task<List<AlertRoute>> GiveAsync(IAlertRouterGrain router, IEnumerable<AlertBatch> batches, CancellationToken cancellationToken)
    {
        var routes = new List<AlertRoute>();
        try
        {
            foreach (var batch in batches)
            {
                routes.AddRange(await router.ReceiveAsync(batch, cancellationToken));
            }
        }
        catch (DomainException refusal) when (refusal.Kind == RefusalKind.TooMany)
        {
            // What passes must not be answered with 4xx, or the source drops its message.
            throw new DomainException(RefusalKind.Unavailable, refusal.ErrorCode, refusal.Message);
        }

        return routes;
    }
}
