using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Warroom.Frontend.Live;
using Warroom.Frontend.Tests.Support;
using Warroom.Incidents;
using Warroom.Streams;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

public sealed class ListFeedTests(SharedWarroom shared)
{
    [Fact]
    public async Task Change_that_no_stream_brought_makes_viewers_read_the_list_again()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString);
        await using var hub = await warroom.ConnectAsync("warroom");
        await hub.InvokeAsync("WatchIncidents");
        var id = await warroom.Http.OpenIncidentAsync("Seen");
        await hub.NextAsync("the new incident", message => message.Target == "Incident" && message.Argument.GetProperty("id").GetGuid() == id);

        // Committed, and its silo gone before it published.
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await source.CreateCommand($"UPDATE incidents SET version = version + 1, updated_at = now() WHERE id = '{id}'").ExecuteNonQueryAsync();

        Assert.Equal("incidents", (await hub.NextAsync("the word that the list is behind", message => message.Target == "Behind")).Argument.GetString());
    }

    [Fact]
    public async Task Start_SecondSubscriptionFails_TheFirstIsNotMadeAgain()
    {
        var cluster = new FakeCluster { Broken = WarroomStreams.Catalogue };
        var services = shared.Warroom.Services;
        var feed = new ListFeed(cluster.Client, services.GetRequiredService<IncidentQueries>(), services.GetRequiredService<LiveMetrics>(), TimeProvider.System, NullLogger<ListFeed>.Instance);

        await Assert.ThrowsAsync<TimeoutException>(() => feed.StartAsync(CancellationToken.None));
        cluster.Broken = null;
        await feed.StartAsync(CancellationToken.None);
        await feed.StartAsync(CancellationToken.None);

        Assert.Equal((1, 2), (cluster.Subscriptions[WarroomStreams.Incidents], cluster.Subscriptions[WarroomStreams.Catalogue]));
    }
}
