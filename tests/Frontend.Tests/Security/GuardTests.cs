using System.Net;
using System.Net.WebSockets;
using Warroom.Frontend.Tests.Support;

namespace Warroom.Frontend.Tests.Security;

/// <summary>What another site's page may not make a browser do, and what every answer says to it.</summary>
public sealed class GuardTests(SharedWarroom shared)
{
    private HttpClient Http => shared.Http;

    private string Own => $"http://{shared.Warroom.Address.Authority}";

    [Theory]
    [InlineData("api/incidents", true)]
    [InlineData("api/none", true)]
    [InlineData("some/view", false)]
    [InlineData("health", false)]
    [InlineData("", false)]
    public async Task Answer_Always_CarriesSecurityHeaders(string path, bool isData)
    {
        var answer = await Http.GetAnswerAsync(path);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Equal("same-origin", answer.Header("Cross-Origin-Opener-Policy"));
        Assert.Null(answer.Header("Server"));
        Assert.NotEmpty(answer.Header("X-Request-ID")!);
        var policy = answer.Header("Content-Security-Policy")!;
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal(!isData, policy.Contains("script-src 'self';", StringComparison.Ordinal));
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
        if (isData)
        {
            Assert.Contains("no-store", answer.Header("Cache-Control"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RequestId_WellFormed_ComesBack_OtherwiseOneIsMade()
    {
        Assert.Equal("abc-1.2_Z", (await Http.GetAnswerAsync("health", ("X-Request-ID", "abc-1.2_Z"))).Header("X-Request-ID"));
        foreach (var bad in (string[])["a b", "<script>", new string('x', 65)])
        {
            Assert.Matches("^[0-9a-zA-Z:]{8,64}$", (await Http.GetAnswerAsync("health", ("X-Request-ID", bad))).Header("X-Request-ID"));
        }

        var refused = await Http.GetAnswerAsync($"api/incidents/{Guid.NewGuid()}");
        Assert.Equal(refused.Json.GetProperty("trace_id").GetString(), refused.Header("X-Request-ID"));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://127.0.0.1.evil.example")]
    public async Task Command_FromAnotherOrigin_IsRefused(string origin)
    {
        var answer = await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Origin", origin));
        answer.Refused(HttpStatusCode.Forbidden, "request.bad_origin");
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Command_FromAnotherSiteWithoutOrigin_IsRefused()
    {
        (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Sec-Fetch-Site", "cross-site"))).Refused(HttpStatusCode.Forbidden, "request.bad_origin");
        (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Sec-Fetch-Site", "same-origin"))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Command_FromOwnOrigin_IsTaken() => (await Http.PostAnswerAsync("api/incidents", new { title = "x" }, ("Origin", Own))).Is(HttpStatusCode.Created);

    [Fact]
    public async Task Read_FromAnotherOrigin_GetsNoPermissionToReadIt()
    {
        var answer = await Http.GetAnswerAsync("api/incidents", ("Origin", "https://evil.example"));
        answer.Is(HttpStatusCode.OK);
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal("same-origin", answer.Header("Cross-Origin-Resource-Policy"));
    }

    [Theory]
    [InlineData("POST", "hubs/warroom/negotiate?negotiateVersion=1", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("POST", "hubs/warroom/negotiate?negotiateVersion=1", "null", HttpStatusCode.Forbidden)]
    [InlineData("POST", "hubs/warroom/negotiate?negotiateVersion=1", null, HttpStatusCode.OK)]
    [InlineData("GET", "hubs/warroom", "https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Hub_AskedByHttp_IsForOwnPagesOnly(string method, string path, string? origin, HttpStatusCode expected)
    {
        var answer = await Http.AskAsync(new HttpMethod(method), path, body: null, ("Origin", origin ?? Own));
        Assert.Equal(expected, answer.Status);
        Assert.Null(answer.Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("warroom")]
    [InlineData("chat")]
    public async Task WebSocket_FromAnotherOrigin_IsRefused(string hub)
    {
        await Assert.ThrowsAsync<WebSocketException>(() => HubClient.ConnectAsync(shared.Warroom.Address, $"/hubs/{hub}", ("Origin", "https://evil.example")));
        await using var own = await HubClient.ConnectAsync(shared.Warroom.Address, $"/hubs/{hub}", ("Origin", Own));
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("10.0.0.7")]
    public async Task Request_ToAnotherHostName_IsRefused(string host) =>
        (await Http.GetAnswerAsync("api/incidents", ("Host", host))).Refused(HttpStatusCode.BadRequest, "request.bad_host");

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:80")]
    [InlineData("[::1]:8000")]
    public async Task Request_ToLoopback_IsTaken(string host) => (await Http.GetAnswerAsync("api/incidents?limit=1", ("Host", host))).Is(HttpStatusCode.OK);
}
