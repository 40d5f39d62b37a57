using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Warroom.Frontend.Security;
using Warroom.Testing;
using Xunit;

namespace Warroom.Frontend.Tests.Security;

public sealed class RateLimitTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly RateLimits _limits;

    public RateLimitTests() => _limits = new RateLimits(_ => Task.CompletedTask, Options.Create(new AccessOptions { RequestsPerMinute = 3, WebhooksPerMinute = 2 }), _time);

    [Fact]
    public async Task Address_that_asks_too_often_is_told_when_to_come_back()
    {
        for (var request = 0; request < 3; request++)
        {
            Assert.Equal(200, (await AskAsync("203.0.113.7", "/api/incidents")).StatusCode);
        }

        var refused = await AskAsync("203.0.113.7", "/api/incidents");
        Assert.Equal(429, refused.StatusCode);
        Assert.Equal("20", refused.Headers.RetryAfter);
        Assert.Equal(200, (await AskAsync("203.0.113.8", "/api/incidents")).StatusCode);
        Assert.Equal(200, (await AskAsync("203.0.113.7", "/health")).StatusCode);
        Assert.Equal(200, (await AskAsync("203.0.113.7", "/metrics")).StatusCode);

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(200, (await AskAsync("203.0.113.7", "/api/incidents")).StatusCode);
        Assert.Equal(429, (await AskAsync("203.0.113.7", "/api/incidents")).StatusCode);
    }

    [Fact]
    public async Task Alert_source_that_posts_too_often_is_told_so_in_a_way_that_makes_it_send_again()
    {
        Assert.Equal(200, (await AskAsync("203.0.113.7", "/api/webhooks/alertmanager")).StatusCode);
        Assert.Equal(200, (await AskAsync("203.0.113.7", "/api/webhooks/alertmanager")).StatusCode);

        var refused = await AskAsync("203.0.113.7", "/api/webhooks/alertmanager");

        Assert.Equal(503, refused.StatusCode);
        Assert.Equal("30", refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Loopback_is_not_hindered()
    {
        for (var request = 0; request < 1_000; request++)
        {
            Assert.Equal(200, (await AskAsync("127.0.0.1", "/api/incidents")).StatusCode);
        }
    }

    private async Task<HttpResponse> AskAsync(string address, string path)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) }, Request = { Path = path } };
        await _limits.InvokeAsync(context);
        return context.Response;
    }
}
