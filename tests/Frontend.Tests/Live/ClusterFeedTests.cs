using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;
using Orleans.TestingHost;
using Warroom.Bots;
using Warroom.Frontend.Tests.Support;
using Warroom.Incidents;
using Warroom.Models.Tests;
using Warroom.Ollama;
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
        await using var warroom = await StartFrontendAsync(database.ConnectionString, cluster);
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

    [Fact]
    public async Task Viewers_get_the_stored_beginning_of_a_reply_and_no_text_twice_when_its_silo_is_killed()
    {
        const string Text = "The checkout service waits for its database because an index is missing on the orders table.";
        await using var database = await TestDatabase.CreateAsync();
        await using var sim = await SimUnderTest.StartAsync();
        await sim.SetAsync(new { reply = Text, tokensPerSecond = 200, fault = "stall", faultAfterTokens = 6, faultRequests = 1 });
        await using var cluster = await StartSilosAsync(database.ConnectionString, sim.Endpoint);
        await using var warroom = await StartFrontendAsync(database.ConnectionString, cluster);
        var session = await warroom.Http.StartSessionAsync();
        await using var viewer = await ChatViewer.WatchAsync(warroom, session);
        await viewer.CommandAsync("Send", "What is wrong?");
        var grain = cluster.Client.GetGrain<IBotSessionGrain>(session);
        var log = cluster.GetSiloServiceProvider().GetRequiredService<IGrainLog<SessionState>>();
        await Eventually.HoldsAsync("what came to be stored", async () => (await log.LoadAsync(session)).State?.Live?.NextToken == 6);
        var beginning = (await log.LoadAsync(session)).State!.Live!.Text;
        await viewer.GrowsAsync(beginning.Length);

        var owner = await cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        await cluster.KillSiloAsync(cluster.Silos.Single(silo => silo.SiloAddress.Equals(owner)));
        await Eventually.SucceedsAsync("the session to be looked at elsewhere", async () => await (await ChatViewer.WatchAsync(warroom, session)).DisposeAsync());

        var cut = await viewer.EndAsync();
        Assert.Equal(("interrupted", beginning, beginning, null), (cut.Status, cut.Text, cut.Seen, cut.Error));
        await viewer.CommandAsync("Continue");
        var whole = await viewer.EndAsync(2);
        Assert.Equal(("complete", Text), (whole.Status, whole.Text));
        Assert.StartsWith(whole.Seen, Text, StringComparison.Ordinal);
    }

    /// <summary>Its own silo stays unused: all grains and streams are the cluster's.</summary>
    private static async Task<WarroomUnderTest> StartFrontendAsync(string connectionString, InProcessTestCluster cluster)
    {
        var warroom = await WarroomUnderTest.StartAsync(connectionString, services =>
        {
            services.RemoveAll<IClusterClient>().AddSingleton(_ => cluster.Client);
            services.RemoveAll<IGrainFactory>().AddSingleton<IGrainFactory>(_ => cluster.Client);
        });
        warroom.ErrorsAreExpected = true;
        return warroom;
    }

    private static async Task<InProcessTestCluster> StartSilosAsync(string connectionString, string model = "http://127.0.0.1:9")
    {
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration["ConnectionStrings:Warroom"] = connectionString;
            host.Configuration["Ollama:Endpoints:0"] = model;
            host.Configuration["Bots:SavePeriod"] = "00:00:00.050";
            host.AddWarroomPersistence();
            host.Services.AddIncidents();
            host.Services.AddOllama(host.Configuration);
            host.Services.AddBots(host.Configuration);
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
