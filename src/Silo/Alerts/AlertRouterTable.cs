using Warroom.Persistence;

namespace Warroom.Alerts;

/// <summary>How alert routers are stored.</summary>
internal static class AlertRouterTable
{
    public static StateTable<AlertRouterState> Create() => new()
    {
        StateName = "alert-router",
        Table = "alert_routers",
        Json = StateJson.Stored.AlertRouterState,
    };
}
