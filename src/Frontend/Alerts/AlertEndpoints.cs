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

        // One call for each service, all at once: they are different grains. One that fails fails the whole, and Alertmanager sends again, which is safe.
        var routes = await Task.WhenAll(batches.Select(batch => cluster.GetGrain<IAlertRouterGrain>(batch.Service).ReceiveAsync(batch.Batch, cancellationToken)));
        foreach (var (_, batch) in batches)
        {
            metrics.Received(batch.Alerts);
        }

        return TypedResults.Ok(new AlertRoutes { Routes = [.. routes.SelectMany(some => some)] });
    }
}
