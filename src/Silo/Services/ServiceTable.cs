using System.Text.Json;
using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Services;

/// <summary>How services are stored.</summary>
internal static class ServiceTable
{
    public static StateTable<ServiceState> Create() => new()
    {
        StateName = "service",
        Table = "services",
        Json = StateJson.Stored.ServiceState,
        Columns =
        [
            Column<ServiceState>.Text("description", state => state.Description),
            Column<ServiceState>.Text("owner", state => state.Owner),
            Column<ServiceState>.Json("depends_on", state => JsonSerializer.Serialize(state.DependsOn)),
            Column<ServiceState>.Text("health", state => EnumText<ServiceHealth>.Of(state.Health)),
            Column<ServiceState>.Boolean("sample", state => state.Sample),
            Column<ServiceState>.Timestamp("created_at", state => state.CreatedAt),
            Column<ServiceState>.Timestamp("updated_at", state => state.UpdatedAt),
        ],
    };
}
