using System.Net.Http;
using Microsoft.Extensions.Configuration;
using Warroom.Frontend.Security;
using Warroom.Frontend.Tests.Harness;
using Xunit;

namespace Warroom.Frontend.Tests.Security;

public sealed class SecurityTests(FrontendApp app)
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/api/incidents")]
    [InlineData("/api/no-such-thing")]
    [InlineData("/")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        var (_, _, response) = await app.SendAsync(HttpMethod.Get, path);

        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.NotEmpty(response.Headers.GetValues("X-Request-ID").Single());
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("abc-123_X.y", true)]
    [InlineData("<script>", false)]
    public async Task Request_id_is_taken_over_if_it_is_well_formed(string id, bool taken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.TryAddWithoutValidation("X-Request-ID", id);
        var (_, _, response) = await app.SendAsync(request);

        Assert.Equal(taken, response.Headers.GetValues("X-Request-ID").Single() == id);
    }

    [Fact]
    public async Task Host_of_another_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/incidents");
        request.Headers.Host = "evil.example";
        var (status, problem, _) = await app.SendAsync(request);

        Assert.Equal((400, "request.bad_host"), (status, problem.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("POST", "/api/incidents", "https://evil.example", 403)]
    [InlineData("POST", "/hubs/warroom/negotiate?negotiateVersion=1", "https://evil.example", 403)]
    [InlineData("POST", "/hubs/warroom/negotiate?negotiateVersion=1", "null", 403)]
    [InlineData("POST", "/hubs/warroom/negotiate?negotiateVersion=1", "own", 200)]
    [InlineData("GET", "/hubs/warroom", "https://evil.example", 403)]
    [InlineData("GET", "/api/incidents", "https://evil.example", 200)]
    public async Task Pages_of_other_sites_are_refused(string method, string path, string origin, int expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", origin == "own" ? app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        var (status, _, response) = await app.SendAsync(request);

        Assert.Equal(expected, status);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000", true)]
    [InlineData("http://localhost:8000", true)]
    [InlineData("http://[::1]:8000", true)]
    [InlineData("http://127.0.0.1:8000;http://0.0.0.0:8000", false)]
    [InlineData("http://*:8000", false)]
    [InlineData("http://+:8000", false)]
    [InlineData("http://[::]:8000", false)]
    [InlineData("http://192.168.1.5:8000", false)]
    [InlineData("http://warroom.internal:8000", false)]
    public void Listening_elsewhere_than_loopback_is_refused_unless_meant(string urls, bool allowed)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("urls", urls)]).Build();

        Assert.Equal(allowed, ListenAddresses.Refuse(configuration, insecure: false) is null);
        Assert.Null(ListenAddresses.Refuse(configuration, insecure: true));
    }

    [Fact]
    public void Ports_without_an_address_mean_all_addresses_and_are_refused()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("http_ports", "8080")]).Build();

        Assert.Contains("--insecure", ListenAddresses.Refuse(configuration, insecure: false), StringComparison.Ordinal);
    }
}
