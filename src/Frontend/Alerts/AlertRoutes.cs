using System.Collections.Immutable;
using Warroom.Alerts;

namespace Warroom.Frontend.Alerts;

/// <summary>The answer of <c>POST /api/webhooks/alertmanager</c>.</summary>
public sealed record AlertRoutes
{
    /// <summary>Where each alert went, grouped by service.</summary>
    public required ImmutableArray<AlertRoute> Routes { get; init; }
}
