using System.Net;
using Warroom.Frontend.Tests.Support;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Security;

public sealed class RequestLimitTests
{
    [Fact]
    public async Task Request_OverTheLimit_IsRefusedWithWhenToComeBack_AndHealthStaysOpen()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString, ("Warroom:LoopbackRequestsPerMinute", "3"), ("Warroom:AllowedOrigins:0", "https://grafana.example.org"));
        for (var i = 0; i < 3; i++)
        {
            (await warroom.Http.GetAnswerAsync("api/incidents")).Is(HttpStatusCode.OK);
        }

        var refused = await warroom.Http.GetAnswerAsync("api/incidents", ("Origin", "https://grafana.example.org"));
        refused.Refused(HttpStatusCode.TooManyRequests, "request.too_many");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 20);
        (await warroom.Http.GetAnswerAsync("health")).Is(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await warroom.Http.GetAnswerAsync("metrics")).Status);

        // An origin that was named may read even the refusal.
        Assert.Equal("https://grafana.example.org", refused.Header("Access-Control-Allow-Origin"));
    }
}
