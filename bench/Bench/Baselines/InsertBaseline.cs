using Microsoft.AspNetCore.SignalR;
using Npgsql;

namespace Warroom.Bench.Baselines;

/// <summary>The usual way: a minimal API that writes each event with one INSERT and commit of its own, then sends it to the incident's SignalR group.</summary>
internal static class InsertBaseline
{
    public static async Task ServeAsync(int port, string connectionString)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddSignalR();
        var source = new NpgsqlDataSourceBuilder(connectionString) { ConnectionStringBuilder = { MaxPoolSize = 20, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 } }.Build();
        await using (var create = source.CreateCommand("CREATE TABLE IF NOT EXISTS baseline_events (incident_id uuid NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT now(), body text NOT NULL, PRIMARY KEY (incident_id, seq))"))
            await create.ExecuteNonQueryAsync();
        var app = builder.Build();
        app.MapGet("/health", () => "ok");
        app.MapHub<InsertHub>("/hub");
        app.MapPost("/incidents/{id:guid}/timeline", async (Guid id, Entry entry, IHubContext<InsertHub> hub) =>
        {
            await using var insert = source.CreateCommand("INSERT INTO baseline_events (incident_id, body) VALUES ($1, $2) RETURNING seq");
            insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = entry.Text });
            var seq = (long)(await insert.ExecuteScalarAsync())!;
            await hub.Clients.Group(id.ToString()).SendAsync("Event", new { seq, entry.Text });
            return Results.Created((string?)null, new { seq });
        });
        await app.RunAsync();
    }

    internal sealed record Entry(string Text);
}

/// <summary>Viewers join the group of an incident.</summary>
internal sealed class InsertHub : Hub
{
    public Task Watch(string incident) => Groups.AddToGroupAsync(Context.ConnectionId, incident);
}
