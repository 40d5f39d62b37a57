using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Incidents;

/// <summary>How incidents are stored.</summary>
internal static class IncidentTable
{
    public static LogTable<IncidentState> Create() => new()
    {
        Names = LogNames.Incidents,
        Json = StateJson.Stored.IncidentState,
        Columns =
        [
            Column<IncidentState>.Text("title", state => state.Title),
            Column<IncidentState>.Text("description", state => state.Description),
            Column<IncidentState>.Text("severity", state => EnumText<Severity>.Of(state.Severity)),
            Column<IncidentState>.Text("status", state => EnumText<IncidentStatus>.Of(state.Status)),
            Column<IncidentState>.Text("service", state => state.Service),
            Column<IncidentState>.Integer("alerts_firing", state => state.AlertsFiring),
            Column<IncidentState>.Timestamp("created_at", state => state.CreatedAt),
            Column<IncidentState>.Timestamp("started_at", state => state.StartedAt),
            Column<IncidentState>.Timestamp("updated_at", state => state.UpdatedAt),
            Column<IncidentState>.Timestamp("resolved_at", state => state.ResolvedAt),
        ],
        Links = [new("incidents_services", "service", state => state.Services)],
    };
}
