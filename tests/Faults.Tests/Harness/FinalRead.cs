using System.Text.Json;

using Npgsql;

using Warroom.Faults.Checking;

namespace Warroom.Faults.Harness;

/// <summary>Reads from the database what no interface tells: epochs, writers, the whole log to the letter.</summary>
public static class FinalRead
{
    /// <summary>Puts a trigger on incidents' rows that keeps who wrote them, in the order of commits (writes of one row wait for each other).</summary>
    public static async Task InstallAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            CREATE TABLE fault_owner_writes (n bigint GENERATED ALWAYS AS IDENTITY, incident_id uuid NOT NULL, version bigint NOT NULL, epoch bigint NOT NULL, writer uuid NOT NULL);
            CREATE FUNCTION fault_note_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            BEGIN
              INSERT INTO fault_owner_writes (incident_id, version, epoch, writer) VALUES (NEW.id, NEW.version, NEW.epoch, NEW.writer);
              RETURN NULL;
            END $$;
            CREATE TRIGGER fault_note_owner AFTER INSERT OR UPDATE ON incidents FOR EACH ROW EXECUTE FUNCTION fault_note_owner();
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads all of it.</summary>
    public static async Task<FinalState> ReadAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var events = new List<FinalEvent>();
        await using (var command = new NpgsqlCommand("SELECT incident_id, seq, epoch, hash, body::text FROM timeline_events ORDER BY incident_id, seq", connection) { CommandTimeout = 120 })
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                events.Add(Event(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4)));
        }

        var owners = new List<OwnerWrite>();
        await using (var command = new NpgsqlCommand("SELECT incident_id, version, epoch, writer FROM fault_owner_writes ORDER BY n", connection) { CommandTimeout = 120 })
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                owners.Add(new(reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetGuid(3)));
        }

        return new() { Events = Named(events), Owners = owners, Runs = await RunsAsync(connection) };
    }

    /// <summary>What the latest events of all incidents take in the memory of a front end that follows them, in bytes: it keeps the last 500 of each (<c>Live:TailEventsMax</c>), text, hash and what holds them.</summary>
    public static async Task<long> TailBytesAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(sum(2 * length(body::text) + 250), 0)::bigint FROM (SELECT body, row_number() OVER (PARTITION BY incident_id ORDER BY seq DESC) AS place FROM timeline_events) AS events WHERE place <= 500",
            connection) { CommandTimeout = 120 };
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<List<FinalRun>> RunsAsync(NpgsqlConnection connection)
    {
        var runs = new Dictionary<Guid, FinalRun>();
        await using var command = new NpgsqlCommand("SELECT body::text FROM bot_session_events WHERE body->>'kind' IN ('reply_started', 'reply_ended') ORDER BY session_id, seq", connection) { CommandTimeout = 120 };
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            using var body = JsonDocument.Parse(reader.GetString(0));
            var run = body.RootElement.GetProperty("reply_id").GetGuid();
            runs[run] = body.RootElement.GetProperty("kind").GetString() == "reply_ended"
                ? new(run, body.RootElement.GetProperty("text").GetString()!, Workload.ChatViewer.EndOf(body.RootElement.GetProperty("status").GetString()!))
                : new(run, "", null);
        }

        return [.. runs.Values];
    }

    /// <summary>The operation that an alert's news is, whoever sends it and however often: the server numbers it by itself.</summary>
    public static Guid AlertOperation(string fingerprint, string status) => Hashes.ToId($"alert {fingerprint} {status}");

    private static FinalEvent Event(Guid incident, long seq, long epoch, string hash, string body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        var kind = root.GetProperty("kind").GetString()!;
        var operation = kind is "alert_fired" or "alert_resolved"
            ? AlertOperation(root.GetProperty("alert").GetProperty("fingerprint").GetString()!, kind == "alert_fired" ? "firing" : "resolved")
            : root.GetProperty("operation_id").GetGuid();
        var sent = kind switch
        {
            "posted" => root.GetProperty("text").GetString(),
            "title_changed" => root.GetProperty("to").GetString(),
            "status_changed" => root.TryGetProperty("reason", out var reason) ? reason.GetString() : "",
            _ => null,
        };
        return new(incident, seq, operation, kind, epoch, hash, body, sent is null ? null : Hashes.Of(sent));
    }

    // The opening of an incident by an alert belongs to the alert's operation, which its next event names.
    private static List<FinalEvent> Named(List<FinalEvent> events)
    {
        for (var i = 0; i + 1 < events.Count; i++)
        {
            if (events[i].Part == "opened" && events[i + 1].Part == "alert_fired" && events[i].Incident == events[i + 1].Incident && events[i + 1].Seq == 2
                && JsonDocument.Parse(events[i].Body).RootElement.GetProperty("operation_id").GetGuid() == JsonDocument.Parse(events[i + 1].Body).RootElement.GetProperty("operation_id").GetGuid())
            {
                events[i] = events[i] with { OpId = events[i + 1].OpId };
            }
        }

        return events;
    }
}
