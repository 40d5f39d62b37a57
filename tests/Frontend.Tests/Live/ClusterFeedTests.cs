using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.TestingHost;
using Warroom.Frontend.Tests.Support;
using Warroom.Incidents;
using Warroom.Persistence;
using Warroom.Streams;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

/// <summary>A front end whose grains live in three silos, over real connections: whichever silo dies, its viewers miss nothing.</summary>
public sealed class ClusterFeedTests
{
    private const int Incidents = 12;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Viewers_get_every_event_once_and_in_order_when_a_silo_goes(bool isKilled)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var cluster = await StartSilosAsync(database.ConnectionString);

        // The front end's own silo stays unused: all grains and streams are the cluster's.
        await using var warroom = await WarroomUnderTest.StartAsync(database.ConnectionString, services =>
        {
            services.RemoveAll<IClusterClient>().AddSingleton(_ => cluster.Client);
            services.RemoveAll<IGrainFactory>().AddSingleton<IGrainFactory>(_ => cluster.Client);
        });
        warroom.ErrorsAreExpected = true;
        var ids = new List<Guid>();
        var viewers = new List<TimelineViewer>();
        for (var i = 0; i < Incidents; i++)
        {
            ids.Add(await warroom.Http.OpenIncidentAsync());
            viewers.Add(await TimelineViewer.WatchAsync(warroom.Address, ids[i]));
        }

        using var stop = new CancellationTokenSource();
        var acknowledged = new long[Incidents];
        var posting = ids.Select((id, i) => PostOnAsync(warroom.Http, id, seq => Volatile.Write(ref acknowledged[i], seq), stop.Token)).ToList();
        await Eventually.HoldsAsync("posts before the silo goes", () => acknowledged.All(seq => seq >= 5));

        var silo = cluster.Silos[1];
        if (isKilled) await cluster.KillSiloAsync(silo);
        else await cluster.StopSiloAsync(silo);

        var reached = acknowledged.ToArray();
        await Eventually.HoldsAsync("posts after the silo has gone", () => acknowledged.Zip(reached).All(pair => pair.First >= pair.Second + 5));
        await stop.CancelAsync();
        var last = await Task.WhenAll(posting);
        for (var i = 0; i < Incidents; i++)
        {
            await viewers[i].HasAsync(last[i]);
            Assert.Equal(Enumerable.Range(1, viewers[i].Events.Count).Select(seq => (long)seq), viewers[i].Events.Select(logged => logged.Seq));
            await viewers[i].DisposeAsync();
        }
    }

    private static async Task<InProcessTestCluster> StartSilosAsync(string connectionString)
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration["ConnectionStrings:Warroom"] = connectionString;
            host.AddWarroomPersistence();
            host.Services.AddIncidents();
        });
        builder.ConfigureSilo((_, silo) => silo.AddMemoryStreams(WarroomStreams.Provider).AddMemoryGrainStorage("PubSubStore"));
        builder.ConfigureClient(client => client.AddMemoryStreams(WarroomStreams.Provider));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    /// <summary>Posts one entry after the other, each under its operation id until it is acknowledged; the number of the last.</summary>
    private static async Task<long> PostOnAsync(HttpClient http, Guid incident, Action<long> acknowledge, CancellationToken cancellationToken)
    {
        var last = 1L;
        while (!cancellationToken.IsCancellationRequested)
        {
            var operation = Guid.CreateVersion7();
            await Eventually.SucceedsAsync($"entry {last + 1} of incident {incident} to be acknowledged", async () =>
                last = (await http.PostAnswerAsync($"api/incidents/{incident}/timeline", new { text = "x" }, ("Idempotency-Key", $"{operation}"))).Is(HttpStatusCode.Created).GetProperty("seq").GetInt64());
            acknowledge(last);
        }

        return last;
    }
}
