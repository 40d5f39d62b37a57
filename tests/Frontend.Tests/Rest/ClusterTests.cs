using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Warroom.Frontend.Tests.Support;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Rest;

/// <summary>The cluster over REST, as the one silo of this process shows in it.</summary>
public sealed class ClusterTests(SharedWarroom shared)
{
    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Cluster_OneProcess_ShowsItsSiloWithWhatItDoes()
    {
        await Http.OpenIncidentAsync();
        JsonElement silo = default;
        await Eventually.HoldsAsync("the silo to report calls", async () =>
        {
            var cluster = (await Http.GetAnswerAsync("api/cluster")).Is(HttpStatusCode.OK);
            Assert.Equal("warroom", cluster.GetProperty("cluster_id").GetString());
            silo = cluster.GetProperty("silos").EnumerateArray().FirstOrDefault();
            return silo.ValueKind == JsonValueKind.Object && silo.GetProperty("status").GetString() == "active" && silo.GetProperty("figures").TryGetProperty("call_p99_ms", out _)
                && silo.GetProperty("figures").GetProperty("grains").EnumerateArray().Any(grain => grain.GetProperty("kind").GetString() == "Incident" && grain.GetProperty("count").GetInt64() > 0);
        });

        Assert.Matches("^127\\.0\\.0\\.1:11111@[0-9]+$", silo.GetProperty("id").GetString());
        Assert.Equal("127.0.0.1:11111", silo.GetProperty("address").GetString());
        Assert.False(silo.GetProperty("stale").GetBoolean());
        Assert.InRange(silo.GetProperty("report_age_ms").GetDouble(), 0, 3_000);
        Assert.False(silo.TryGetProperty("lease_age_ms", out _), "One process has no lease.");
        var figures = silo.GetProperty("figures");
        Assert.Equal(Environment.ProcessId, figures.GetProperty("process_id").GetInt32());
        Assert.True(figures.GetProperty("with_frontend").GetBoolean());
        Assert.True(figures.GetProperty("uptime_seconds").GetDouble() > 0);
        Assert.InRange(figures.GetProperty("process").GetProperty("working_set_bytes").GetInt64(), 1, long.MaxValue);
        Assert.InRange(figures.GetProperty("call_p99_ms").GetDouble(), figures.GetProperty("call_p50_ms").GetDouble(), 60_000);
        Assert.InRange(figures.GetProperty("mailbox_depth").GetInt64(), 0, 100_000);
        Assert.InRange(figures.GetProperty("activations").GetInt64(), 1, long.MaxValue);
    }

    [Fact]
    public async Task Deactivate_GrainInMemory_LeavesItAndIsWrittenDown()
    {
        var incident = await Http.OpenIncidentAsync();
        var grain = $"api/cluster/grains/incident%2F{incident}";
        var place = (await Http.GetAnswerAsync(grain)).Is(HttpStatusCode.OK);
        Assert.Equal($"incident/{incident:N}", place.GetProperty("id").GetString());
        Assert.Contains('@', place.GetProperty("silo_id").GetString()!);

        var key = Guid.CreateVersion7().ToString();
        var done = (await Http.PostAnswerAsync($"{grain}/deactivate", null, ("Idempotency-Key", key), ("X-Warroom-Actor", "Ada"))).Is(HttpStatusCode.OK);

        Assert.Equal(("deactivate", "done", "Ada", $"incident/{incident:N}"), (done.GetProperty("kind").GetString(), done.GetProperty("outcome").GetString(), done.GetProperty("requested_by").GetString(), done.GetProperty("grain_id").GetString()));
        await Eventually.HoldsAsync("the grain to leave memory", async () => !(await Http.GetAnswerAsync(grain)).Json.TryGetProperty("silo_id", out _));
        Assert.Equal(done.GetRawText(), (await Http.PostAnswerAsync($"{grain}/deactivate", null, ("Idempotency-Key", key), ("X-Warroom-Actor", "Ada"))).Is(HttpStatusCode.OK).GetRawText());
        Assert.Equal("not_active", (await Http.PostAnswerAsync($"{grain}/deactivate", null)).Is(HttpStatusCode.OK).GetProperty("outcome").GetString());
        var trail = (await Http.GetAnswerAsync("api/cluster/commands")).Is(HttpStatusCode.OK).EnumerateArray().Where(command => command.TryGetProperty("grain_id", out var id) && id.GetString() == $"incident/{incident:N}").ToList();
        Assert.Equal(["not_active", "done"], trail.Select(command => command.GetProperty("outcome").GetString()));

        // Nothing is lost: the next command finds it as it was.
        Assert.Equal(2, await Http.PostEntryAsync(incident, "still here"));
    }

    [Fact]
    public async Task Drain_TheOnlySilo_IsRefused()
    {
        var id = "";
        await Eventually.HoldsAsync("the silo to report", async () =>
        {
            var silos = (await Http.GetAnswerAsync("api/cluster")).Is(HttpStatusCode.OK).GetProperty("silos").EnumerateArray().ToList();
            id = silos.Count == 1 ? silos[0].GetProperty("id").GetString()! : "";
            return id.Length > 0 && silos[0].GetProperty("status").GetString() == "active";
        });
        (await Http.PostAnswerAsync($"api/cluster/silos/{Uri.EscapeDataString(id)}/drain", null)).Refused(HttpStatusCode.Conflict, "cluster.last_silo");
        (await Http.PostAnswerAsync("api/cluster/silos/127.0.0.1%3A1%401/drain", null)).Refused(HttpStatusCode.NotFound, "cluster.no_such_silo");
        Assert.DoesNotContain((await Http.GetAnswerAsync("api/cluster/commands")).Json.EnumerateArray(), command => command.GetProperty("kind").GetString() == "drain");
    }

    [Fact]
    public async Task Drain_OneAfterAnother_TheLastIsRefusedUnlessForcedAndARepetitionGetsItsOrder()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString);
        var http = warroom.Http;
        var here = "";
        await Eventually.HoldsAsync("the silo to report", async () =>
        {
            var silo = (await http.GetAnswerAsync("api/cluster")).Is(HttpStatusCode.OK).GetProperty("silos").EnumerateArray().FirstOrDefault();
            here = silo.ValueKind == JsonValueKind.Object && silo.GetProperty("status").GetString() == "active" ? silo.GetProperty("id").GetString()! : "";
            return here.Length > 0;
        });

        // A second silo that reports, as far as anybody sees, and takes its time to drain.
        const string Other = "10.0.0.2:11111@7";
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await source.CreateCommand($"INSERT INTO silo_reports SELECT cluster_id, '{Other}', 'other', 'active', started_at, now() + interval '10 minutes', figures FROM silo_reports").ExecuteNonQueryAsync();

        var key = Guid.CreateVersion7().ToString();
        Task<Answer> DrainAsync(string silo, string query, string key) => http.PostAnswerAsync($"api/cluster/silos/{Uri.EscapeDataString(silo)}/drain{query}", null, ("Idempotency-Key", key), ("X-Warroom-Actor", "Ada"));
        var order = (await DrainAsync(Other, "", key)).Is(HttpStatusCode.Accepted).GetRawText();
        Assert.Equal(order, (await DrainAsync(Other, "", Guid.CreateVersion7().ToString())).Is(HttpStatusCode.Accepted).GetRawText());

        (await DrainAsync(here, "", Guid.CreateVersion7().ToString())).Refused(HttpStatusCode.Conflict, "cluster.last_silo");
        (await DrainAsync(here, "?force=true", key)).Refused(HttpStatusCode.Conflict, "cluster.key_used");
        (await http.PostAnswerAsync($"api/cluster/grains/incident%2F{Guid.CreateVersion7()}/deactivate", null, ("Idempotency-Key", key))).Refused(HttpStatusCode.Conflict, "cluster.key_used");

        // It ends: who lost the answer and asks again gets the order, who asks anew is told.
        await source.CreateCommand($"UPDATE silo_reports SET status = 'stopped' WHERE silo_id = '{Other}'").ExecuteNonQueryAsync();
        Assert.Equal(order, (await DrainAsync(Other, "", key)).Is(HttpStatusCode.Accepted).GetRawText());
        (await DrainAsync(Other, "", Guid.CreateVersion7().ToString())).Refused(HttpStatusCode.Conflict, "cluster.silo_gone");

        (await DrainAsync(here, "?force=true", Guid.CreateVersion7().ToString())).Is(HttpStatusCode.Accepted);
        var ends = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (warroom.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(ends.SetResult))
        {
            await Eventually.CompletesAsync("the last silo to end", ends.Task);
        }
    }

    [Theory]
    [InlineData("incident")]
    [InlineData("incident%2F")]
    [InlineData("incident%2F7")]
    [InlineData("sys.management%2F0")]
    [InlineData("nothing%2F7")]
    public async Task Deactivate_NoGrainOfOurs_IsRefused(string grain)
    {
        (await Http.PostAnswerAsync($"api/cluster/grains/{grain}/deactivate", null)).Refused(HttpStatusCode.BadRequest, "cluster.bad_grain");
        (await Http.GetAnswerAsync($"api/cluster/grains/{grain}")).Refused(HttpStatusCode.BadRequest, "cluster.bad_grain");
    }

    [Fact]
    public async Task Commands_BadLimitOrBadKey_AreRefused()
    {
        (await Http.GetAnswerAsync("api/cluster/commands?limit=0")).Refused(HttpStatusCode.BadRequest, "request.bad_limit");
        (await Http.PostAnswerAsync("api/cluster/silos/x/drain", null, ("Idempotency-Key", "7"))).Refused(HttpStatusCode.BadRequest, "request.bad_idempotency_key");
        (await Http.PostAnswerAsync("api/cluster/silos/x/drain", null, ("Origin", "https://evil.example"))).Refused(HttpStatusCode.Forbidden, "request.bad_origin");
    }
}
