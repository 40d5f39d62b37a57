using System.Net;
using System.Text.Json;
using Npgsql;
using Warroom.Silo.Tests.Support;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Processes;

/// <summary>An operator's drain on real processes.</summary>
public sealed class DrainTests : DatabaseTests
{
    [Fact]
    public async Task Drain_ByForce_EndsTheProcessInOrderAndLeavesATrail()
    {
        await using var frontend = await WarroomProcessUnderTest.StartFrontendAsync(Database);
        var silo = await SiloAsync(frontend);
        Assert.Equal("active", silo.GetProperty("status").GetString());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/cluster/silos/{Uri.EscapeDataString(silo.GetProperty("id").GetString()!)}/drain?force=true");
        request.Headers.Add("X-Warroom-Actor", "Ada");
        using var response = await frontend.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);

        Assert.Equal(0, await frontend.Process.WaitForExitAsync("after it was drained"));

        Assert.Contains(frontend.Process.Lines, line => line.Contains("Shutdown begins (drain by Ada)", StringComparison.Ordinal));
        Assert.Contains(frontend.Process.Lines, line => line.Contains("Audit: Ada drains this silo", StringComparison.Ordinal));
        await using var source = NpgsqlDataSource.Create(Database.ConnectionString);
        Assert.Equal("stopped", await source.CreateCommand("SELECT status FROM silo_reports").ExecuteScalarAsync());
        Assert.Equal("drain Ada done true", await source.CreateCommand("SELECT concat_ws(' ', kind, requested_by, outcome, started_at <= finished_at) FROM operator_commands").ExecuteScalarAsync() is string line ? line.Replace(" t", " true", StringComparison.Ordinal) : "");
    }

    [Fact]
    public async Task Report_SiloThatWasKilled_IsStaleAndThenDead()
    {
        var killed = await WarroomProcessUnderTest.StartFrontendAsync(Database);
        await SiloAsync(killed);
        await killed.Process.KillAsync();
        await killed.DisposeAsync();
        await using var source = NpgsqlDataSource.Create(Database.ConnectionString);
        await source.CreateCommand("UPDATE silo_reports SET reported_at = now() - interval '5 s'").ExecuteNonQueryAsync();

        await using var frontend = await WarroomProcessUnderTest.StartFrontendAsync(Database, ("Cluster__SiloName", "second"));
        var first = await SilosAsync(frontend);
        Assert.True(first.Single(silo => silo.GetProperty("name").GetString() != "second").GetProperty("stale").GetBoolean());
        await source.CreateCommand("UPDATE silo_reports SET reported_at = now() - interval '16 s' WHERE name <> 'second'").ExecuteNonQueryAsync();

        await Eventually.HoldsAsync("the second to be active and the first dead", async () => (await SilosAsync(frontend)).Select(silo => silo.GetProperty("status").GetString()).SequenceEqual(["active", "dead"]));
        await source.CreateCommand("UPDATE silo_reports SET reported_at = now() - interval '2 hours' WHERE name <> 'second'").ExecuteNonQueryAsync();
        Assert.Single(await SilosAsync(frontend));
    }

    private static async Task<JsonElement> SiloAsync(WarroomProcessUnderTest frontend)
    {
        JsonElement silo = default;
        await Eventually.HoldsAsync("the silo to report itself active", async () =>
        {
            silo = await SilosAsync(frontend) is [var only, ..] ? only : default;
            return silo.ValueKind == JsonValueKind.Object && silo.GetProperty("status").GetString() == "active";
        });
        return silo;
    }

    private static async Task<IReadOnlyList<JsonElement>> SilosAsync(WarroomProcessUnderTest frontend)
    {
        var (status, body) = await frontend.GetAsync("api/cluster");
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. body.GetProperty("silos").EnumerateArray()];
    }
}
