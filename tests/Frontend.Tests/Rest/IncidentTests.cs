using System.Net;
using System.Text;
using System.Text.Json;
using Warroom.Frontend.Hosting;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Rest;

public sealed class IncidentTests(SharedWarroom shared)
{
    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Open_WholeRequest_AnswersTheWholeIncident()
    {
        var answer = await Http.PostAnswerAsync(
            "api/incidents",
            new { title = "Checkout is slow — größer", description = "p99 at 4 s", severity = "critical", service = "checkout", started_at = "2026-11-20T10:00:00+02:00" },
            ("X-Warroom-Actor", "Zo%C3%AB"));

        var incident = answer.Is(HttpStatusCode.Created);
        var id = incident.GetProperty("id").GetGuid();
        Assert.Equal($"/api/incidents/{id}", answer.Header("Location"));
        Assert.Equal(7, id.Version);
        Assert.Equal(1, incident.GetProperty("version").GetInt64());
        Assert.Equal("Checkout is slow — größer", incident.GetProperty("title").GetString());
        Assert.Equal("p99 at 4 s", incident.GetProperty("description").GetString());
        Assert.Equal("critical", incident.GetProperty("severity").GetString());
        Assert.Equal("open", incident.GetProperty("status").GetString());
        Assert.Equal("checkout", incident.GetProperty("services")[0].GetString());
        Assert.Equal("Zoë", incident.GetProperty("opened_by").GetProperty("name").GetString());
        Assert.False(incident.TryGetProperty("resolved_at", out _), "What is null is left out.");
        foreach (var time in (string[])["created_at", "started_at", "updated_at"])
        {
            Assert.EndsWith("Z", incident.GetProperty(time).GetString());
        }

        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), incident.GetProperty("started_at").GetDateTimeOffset());
        var read = (await Http.GetAnswerAsync($"api/incidents/{id}")).Is(HttpStatusCode.OK);
        Assert.Equal(answer.Text, read.GetRawText());
    }

    [Fact]
    public async Task Open_SeverityLeftOut_IsMedium() =>
        Assert.Equal("medium", (await Http.PostAnswerAsync("api/incidents", new { title = "x" })).Is(HttpStatusCode.Created).GetProperty("severity").GetString());

    [Theory]
    [InlineData("{}", "incident.title_required", "Title is required")]
    [InlineData("""{"description":"no title"}""", "incident.title_required", "Title is required")]
    [InlineData("""{"title":"  "}""", "incident.title_required", "Title is required")]
    [InlineData("""{"title":null}""", "incident.title_required", "Title is required")]
    [InlineData("""{"title":"x","severity":"catastrophic"}""", "request.bad_value", "severity must be one of critical, high, medium, low.")]
    [InlineData("""{"title":"x","severity":1}""", "request.bad_value", "severity must be one of critical, high, medium, low.")]
    [InlineData("""{"title":"x","severity":"1"}""", "request.bad_value", "severity must be one of critical, high, medium, low.")]
    [InlineData("""{"title":"a\u0000b"}""", "incident.bad_text", "Title contains the character NUL (U+0000), which cannot be stored. Take it out and send again.")]
    [InlineData("""{"title":"x","description":"\u0000"}""", "incident.bad_text", "Description contains the character NUL (U+0000), which cannot be stored. Take it out and send again.")]
    [InlineData("""{"title":7}""", "request.bad_value", "title must be a text.")]
    [InlineData("""{"title":"x","started_at":"yesterday"}""", "request.bad_value", "started_at must be a time such as 2026-11-20T12:00:00Z.")]
    [InlineData("""{"title":"x" """, "request.bad_json", "The body is not well-formed JSON")]
    [InlineData("nonsense", "request.bad_json", "The body is not well-formed JSON")]
    [InlineData("[]", "request.bad_json", "")]
    [InlineData("null", "request.body_required", "The body is missing. Send a JSON object.")]
    [InlineData("", "request.body_required", "The body is missing. Send a JSON object.")]
    public async Task Open_MalformedBody_IsRefusedWithWhatToDo(string body, string code, string sentence)
    {
        var key = Guid.CreateVersion7();
        Assert.StartsWith(sentence, (await Http.PostAnswerAsync("api/incidents", body, ("Idempotency-Key", key.ToString()))).Refused(HttpStatusCode.BadRequest, code));

        (await Http.GetAnswerAsync($"api/incidents/{key}")).Refused(HttpStatusCode.NotFound, "incident.not_found");
    }

    [Fact]
    public async Task Open_UnknownSeverityGivenAsANumber_IsRefused() =>
        (await Http.PostAnswerAsync("api/incidents", """{"title":"x","severity":99}""")).Refused(HttpStatusCode.BadRequest, "request.bad_value");

    [Fact]
    public async Task Open_TitleTooLong_IsRefused() =>
        (await Http.PostAnswerAsync("api/incidents", new { title = new string('x', 201) })).Refused(HttpStatusCode.RequestEntityTooLarge, "incident.too_long");

    [Fact]
    public async Task Open_AnotherMediaType_IsRefused()
    {
        using var body = new StringContent("title=x", Encoding.UTF8, "application/x-www-form-urlencoded");
        Assert.Contains(
            "application/json", (await Http.PostAnswerAsync("api/incidents", body)).Refused(HttpStatusCode.UnsupportedMediaType, "request.unsupported_media_type"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_BodyOf10Megabytes_IsRefused() =>
        (await Http.PostAnswerAsync("api/incidents", new { title = new string('x', 10 * 1024 * 1024) }, ("Expect", "100-continue"))).Refused(HttpStatusCode.RequestEntityTooLarge, "request.too_large");

    [Fact]
    public async Task Open_BodyTooLargeWithoutItsLength_IsRefused()
    {
        // The length is found out only while it is read.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new { title = new string('x', 2 * 1024 * 1024) });
        using var body = new StreamContent(new UnsizedStream(bytes));
        body.Headers.ContentType = new("application/json");
        (await Http.PostAnswerAsync("api/incidents", body)).Refused(HttpStatusCode.RequestEntityTooLarge, "request.too_large");
    }

    [Fact]
    public async Task Open_Resent100TimesAtOnce_IsOneIncident()
    {
        var key = Guid.CreateVersion7().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Http.PostAnswerAsync("api/incidents", new { title = "once" }, ("Idempotency-Key", key))));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(99, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Single(answers.Select(answer => answer.Json.GetProperty("id").GetString()).Distinct(), key);
        Assert.Equal(1, (await Http.GetAnswerAsync($"api/incidents/{key}/timeline")).Is(HttpStatusCode.OK).GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("not-a-uuid")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("0198c2f03a5e7b1c9d2e4f60718293a4")]
    public async Task Open_BadIdempotencyKey_IsRefused(string key) =>
        (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Idempotency-Key", key))).Refused(HttpStatusCode.BadRequest, "request.bad_idempotency_key");

    [Fact]
    public async Task Open_KeyThatIsNoVersion7_MakesAnIdOfItsHash()
    {
        var key = Guid.NewGuid();
        var first = (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Idempotency-Key", key.ToString()))).Is(HttpStatusCode.Created).GetProperty("id").GetGuid();
        var second = (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Idempotency-Key", key.ToString()))).Is(HttpStatusCode.OK).GetProperty("id").GetGuid();
        Assert.Equal(first, second);
        Assert.NotEqual(key, first);
        Assert.StartsWith("00000000-0000-7", first.ToString());
    }

    [Fact]
    public void EntityId_OfAnyOperation_IsAStableVersion7()
    {
        var seven = Guid.CreateVersion7();
        var four = Guid.NewGuid();
        Assert.Equal(seven, EntityId.From(seven));
        Assert.Equal(EntityId.From(four), EntityId.From(four));
        Assert.Equal(7, EntityId.From(four).Version);
        Assert.NotEqual(EntityId.From(four), EntityId.From(Guid.NewGuid()));
    }

    [Fact]
    public async Task Open_BadActor_IsRefused()
    {
        (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("X-Warroom-Actor", new string('x', 81)))).Refused(HttpStatusCode.BadRequest, "request.bad_actor");
        (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("X-Warroom-Actor", "a%00b"))).Refused(HttpStatusCode.BadRequest, "request.bad_actor");
    }

    [Theory]
    [InlineData("limit=-1", "request.bad_limit")]
    [InlineData("limit=0", "request.bad_limit")]
    [InlineData("limit=201", "request.bad_limit")]
    [InlineData("limit=many", "request.bad_parameter")]
    [InlineData("limit=99999999999999999999", "request.bad_parameter")]
    [InlineData("offset=-1", "request.bad_offset")]
    [InlineData("status=closed", "request.bad_value")]
    [InlineData("severity=worst", "request.bad_value")]
    public async Task List_BadQuery_IsRefused(string query, string code) => (await Http.GetAnswerAsync($"api/incidents?{query}")).Refused(HttpStatusCode.BadRequest, code);

    [Theory]
    [InlineData("api/incidents?service=%00")]
    [InlineData("api/incidents?service=a%00b&q=%00")]
    [InlineData("api/sessions?bot=%00")]
    public async Task List_NulInAName_FindsNothing(string path)
    {
        await Http.OpenIncidentAsync();
        Assert.Equal(0, (await Http.GetAnswerAsync(path)).Is(HttpStatusCode.OK).GetArrayLength());
    }

    [Fact]
    public async Task List_FiltersAndPages_NewestChangeFirst()
    {
        var service = $"paging-{Guid.NewGuid():N}"[..20];
        var ids = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await Http.OpenIncidentAsync($"Number {i}", service));
        }

        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{ids[0]}", new { status = "resolved" })).Is(HttpStatusCode.OK);
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{ids[1]}", new { status = "investigating", severity = "low" })).Is(HttpStatusCode.OK);

        var all = await Http.GetAnswerAsync($"api/incidents?service={service}");
        Assert.Equal([ids[1], ids[0], ids[4], ids[3], ids[2]], Ids(all));
        Assert.Equal("5", all.Header("X-Total-Count"));
        var page = await Http.GetAnswerAsync($"api/incidents?service={service}&limit=2&offset=1");
        Assert.Equal([ids[0], ids[4]], Ids(page));
        Assert.Equal("5", page.Header("X-Total-Count"));
        Assert.Equal([ids[1], ids[0]], Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&status=resolved&status=investigating")));
        Assert.Equal([ids[1], ids[0]], Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&status=resolved,investigating")));
        Assert.Equal([ids[1]], Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&severity=low")));
        Assert.Equal([ids[0]], Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&status=resolved&severity=high,low")));
        var active = await Http.GetAnswerAsync($"api/incidents/active?service={service}");
        Assert.Equal([ids[1], ids[4], ids[3], ids[2]], Ids(active));
        Assert.Equal("4", active.Header("X-Total-Count"));
        Assert.Equal([ids[3]], Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&q=number+3")));
        Assert.Empty(Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&offset=5")));
        Assert.Empty(Ids(await Http.GetAnswerAsync($"api/incidents?service={service}&q=%25")));
    }

    [Fact]
    public async Task Get_UnknownOrMalformedId_IsNotFound()
    {
        (await Http.GetAnswerAsync($"api/incidents/{Guid.NewGuid()}")).Refused(HttpStatusCode.NotFound, "incident.not_found");
        (await Http.GetAnswerAsync("api/no-such-thing")).Refused(HttpStatusCode.NotFound, "request.no_such_path");
        (await Http.GetAnswerAsync("api/incidents/7")).Refused(HttpStatusCode.NotFound, "request.no_such_path");
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{Guid.NewGuid()}", new { status = "resolved" })).Refused(HttpStatusCode.NotFound, "incident.not_found");
        (await Http.PostAnswerAsync($"api/incidents/{Guid.NewGuid()}/timeline", new { text = "x" })).Refused(HttpStatusCode.NotFound, "incident.not_found");
        (await Http.PostAnswerAsync($"api/incidents/{Guid.NewGuid()}/services", new { services = new[] { "x" } })).Refused(HttpStatusCode.NotFound, "incident.not_found");
        (await Http.GetAnswerAsync($"api/incidents/{Guid.NewGuid()}/timeline")).Refused(HttpStatusCode.NotFound, "incident.not_found");
        (await Http.AskAsync(HttpMethod.Delete, "api/incidents", null)).Refused(HttpStatusCode.MethodNotAllowed, "request.method_not_allowed");
    }

    [Fact]
    public async Task Change_FieldsAndStatus_AnswersTheIncidentAfterwards()
    {
        var id = await Http.OpenIncidentAsync();
        var changed = (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { title = "New", description = "Text", severity = "low", status = "resolved", reason = "restarted" })).Is(HttpStatusCode.OK);
        Assert.Equal("New", changed.GetProperty("title").GetString());
        Assert.Equal("Text", changed.GetProperty("description").GetString());
        Assert.Equal("low", changed.GetProperty("severity").GetString());
        Assert.Equal("resolved", changed.GetProperty("status").GetString());
        Assert.EndsWith("Z", changed.GetProperty("resolved_at").GetString());
        Assert.Equal(5, changed.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Change_IllegalTransitionOrVersionMismatch_ConflictsAndChangesNothing()
    {
        var id = await Http.OpenIncidentAsync();
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { title = "never", expected_version = 9 })).Refused(HttpStatusCode.Conflict, "incident.version_mismatch");
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { status = "resolved", expected_version = 1 })).Is(HttpStatusCode.OK);
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { title = "never", status = "monitoring" })).Refused(HttpStatusCode.Conflict, "incident.illegal_transition");
        (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", """{"status":"closed"}""")).Refused(HttpStatusCode.BadRequest, "request.bad_value");
        var now = (await Http.GetAnswerAsync($"api/incidents/{id}")).Is(HttpStatusCode.OK);
        Assert.Equal(("Checkout is slow", 2), (now.GetProperty("title").GetString(), now.GetProperty("version").GetInt64()));
        Assert.Equal("open", (await Http.AskAsync(HttpMethod.Patch, $"api/incidents/{id}", new { status = "open" })).Is(HttpStatusCode.OK).GetProperty("status").GetString());
    }

    [Fact]
    public async Task LinkServices_NamesOrNone_LinksOrRefuses()
    {
        var id = await Http.OpenIncidentAsync(service: "api-gateway");
        var linked = (await Http.PostAnswerAsync($"api/incidents/{id}/services", new { services = new[] { "checkout", "api-gateway" } })).Is(HttpStatusCode.OK);
        Assert.Equal(["api-gateway", "checkout"], linked.GetProperty("services").EnumerateArray().Select(name => name.GetString()));
        (await Http.PostAnswerAsync($"api/incidents/{id}/services", "{}")).Refused(HttpStatusCode.BadRequest, "incident.services_required");
        (await Http.PostAnswerAsync($"api/incidents/{id}/services", """{"services":[]}""")).Refused(HttpStatusCode.BadRequest, "incident.services_required");
        (await Http.PostAnswerAsync($"api/incidents/{id}/services", """{"services":[null]}""")).Refused(HttpStatusCode.BadRequest, "request.bad_value");
        (await Http.PostAnswerAsync($"api/incidents/{id}/services", """{"services":"checkout"}""")).Refused(HttpStatusCode.BadRequest, "request.bad_value");
    }

    [Fact]
    public async Task Timeline_PostedAndPaged_IsGapFree()
    {
        var id = await Http.OpenIncidentAsync();
        for (var i = 2; i <= 12; i++)
        {
            Assert.Equal(i, await Http.PostEntryAsync(id, $"entry {i}"));
        }

        var page = (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?after=3&limit=5")).Is(HttpStatusCode.OK);
        Assert.Equal([4, 5, 6, 7, 8], page.GetProperty("events").EnumerateArray().Select(logged => logged.GetProperty("seq").GetInt64()));
        Assert.True(page.GetProperty("more").GetBoolean());
        Assert.Equal(12, page.GetProperty("version").GetInt64());
        var last = (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?after=8")).Is(HttpStatusCode.OK);
        Assert.Equal(4, last.GetProperty("events").GetArrayLength());
        Assert.False(last.GetProperty("more").GetBoolean());
        Assert.Equal(0, (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?after=12")).Is(HttpStatusCode.OK).GetProperty("events").GetArrayLength());
        var body = JsonDocument.Parse(last.GetProperty("events")[0].GetProperty("body").GetString()!).RootElement;
        Assert.Equal(("posted", "entry 9"), (body.GetProperty("kind").GetString(), body.GetProperty("text").GetString()));
        (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?after=-1")).Refused(HttpStatusCode.BadRequest, "request.bad_after");
        (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?limit=0")).Refused(HttpStatusCode.BadRequest, "request.bad_limit");
        (await Http.GetAnswerAsync($"api/incidents/{id}/timeline?limit=1001")).Refused(HttpStatusCode.BadRequest, "request.bad_limit");
    }

    [Fact]
    public async Task Timeline_PostResent100TimesAtOnce_IsOneEvent()
    {
        var id = await Http.OpenIncidentAsync();
        var key = Guid.CreateVersion7().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Http.PostAnswerAsync($"api/incidents/{id}/timeline", new { text = "once" }, ("Idempotency-Key", key))));
        Assert.All(answers, answer => Assert.Equal(2, answer.Is(HttpStatusCode.Created).GetProperty("seq").GetInt64()));
        Assert.Single(answers, answer => !answer.Json.GetProperty("repeated").GetBoolean());
        Assert.Equal(2, (await Http.GetAnswerAsync($"api/incidents/{id}")).Is(HttpStatusCode.OK).GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task Timeline_BadEntries_AreRefused()
    {
        var id = await Http.OpenIncidentAsync();
        Assert.Equal("Text is required", (await Http.PostAnswerAsync($"api/incidents/{id}/timeline", "{}")).Refused(HttpStatusCode.BadRequest, "incident.text_required"));
        (await Http.PostAnswerAsync($"api/incidents/{id}/timeline", new { text = new string('x', 10_001) })).Refused(HttpStatusCode.RequestEntityTooLarge, "incident.too_long");
        Assert.Equal(1, (await Http.GetAnswerAsync($"api/incidents/{id}")).Is(HttpStatusCode.OK).GetProperty("version").GetInt64());
    }

    private static List<Guid> Ids(Answer answer) => [.. answer.Is(HttpStatusCode.OK).EnumerateArray().Select(incident => incident.GetProperty("id").GetGuid())];

    /// <summary>A stream that does not say how long it is.</summary>
    private sealed class UnsizedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
