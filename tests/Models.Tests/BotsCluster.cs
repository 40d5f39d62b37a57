using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Bots;
using Warroom.Ollama;
using Warroom.Persistence;
using Warroom.Streams;
using Warroom.Testing;

namespace Warroom.Models.Tests;

/// <summary>A silo with the product's grains on a PostgreSQL database of its own, and the simulator as its model.</summary>
public sealed class BotsCluster : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly InProcessTestCluster _cluster;

    private BotsCluster(TestDatabase database, InProcessTestCluster cluster)
    {
        _database = database;
        _cluster = cluster;
    }

    public static Author Ana { get; } = new() { Kind = AuthorKind.Person, Name = "Ana" };

    public InProcessTestCluster Cluster => _cluster;

    public static async Task<BotsCluster> StartAsync(string[] endpoints, params (string Key, string Value)[] settings)
    {
        var database = await TestDatabase.CreateAsync();
        var configuration = new Dictionary<string, string?> { ["ConnectionStrings:Warroom"] = database.ConnectionString, ["Bots:SavePeriod"] = "00:00:00.050" };
        for (var i = 0; i < endpoints.Length; i++)
            configuration[$"Ollama:Endpoints:{i}"] = endpoints[i];
        foreach (var (key, value) in settings)
            configuration[key] = value;

        var builder = new InProcessTestClusterBuilder(SiloCount.Value);
        builder.ConfigureHost(host => host.Configuration.AddInMemoryCollection(configuration));
        builder.ConfigureSiloHost((_, host) =>
        {
            host.AddWarroomPersistence();
            host.Services.AddOllama(host.Configuration);
            host.Services.AddBots(host.Configuration);
        });
        builder.ConfigureSilo((_, silo) => silo.AddMemoryStreams(WarroomStreams.Provider).AddMemoryGrainStorage("PubSubStore"));
        builder.ConfigureClient(client => client.AddMemoryStreams(WarroomStreams.Provider));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new(database, cluster);
    }

    /// <summary>Launches a bot and begins a session with it.</summary>
    public async Task<SessionUnderTest> BeginAsync(string model = "sim:small", string persona = "")
    {
        var bot = await _cluster.Client.GetGrain<IBotDirectoryGrain>(0).LaunchAsync(new() { OperationId = Guid.NewGuid(), Name = "Helper", Model = model, Persona = persona });
        return await BeginAsync(bot);
    }

    public async Task<SessionUnderTest> BeginAsync(BotView bot)
    {
        var id = Guid.CreateVersion7();
        var session = new SessionUnderTest(this, id);
        await session.ListenAsync();
        await session.Grain.StartAsync(new() { OperationId = Guid.NewGuid(), By = Ana, BotId = bot.Id });
        return session;
    }

    public Task<ModelGatewayView> GatewayAsync(string endpoint) => _cluster.Client.GetGrain<IModelGatewayGrain>(endpoint).GetAsync();

    /// <summary>The silo that a grain is active in.</summary>
    public async Task<InProcessSiloHandle> SiloOfAsync(IAddressable grain)
    {
        var address = await _cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        return _cluster.Silos.Single(silo => silo.SiloAddress.Equals(address));
    }

    /// <summary>Of a silo that runs.</summary>
    public IServiceProvider Services => _cluster.GetSiloServiceProvider();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>One session, and what a listener of its stream got.</summary>
public sealed class SessionUnderTest(BotsCluster cluster, Guid id)
{
    private readonly ConcurrentQueue<SessionUpdate> _updates = new();

    public Guid Id => id;

    public IBotSessionGrain Grain => cluster.Cluster.Client.GetGrain<IBotSessionGrain>(id);

    public IReadOnlyList<TokenBatch> Batches => [.. _updates.Where(update => update.Tokens is not null).Select(update => update.Tokens!)];

    public async Task ListenAsync() => await cluster.Cluster.Client.GetStreamProvider(WarroomStreams.Provider).GetStream<SessionUpdate>(WarroomStreams.Session(id))
        .SubscribeAsync((update, _) =>
        {
            _updates.Enqueue(update);
            return Task.CompletedTask;
        });

    public Task<SessionAck> SendAsync(string text, Guid? operationId = null) => Grain.SendAsync(new() { OperationId = operationId ?? Guid.NewGuid(), By = BotsCluster.Ana, Text = text });

    public static ReplyCommand Command(Guid? operationId = null) => new() { OperationId = operationId ?? Guid.NewGuid(), By = BotsCluster.Ana };

    /// <summary>What is stored.</summary>
    public async Task<IReadOnlyList<SessionEvent>> EventsAsync()
    {
        var events = await cluster.Services.GetRequiredService<IGrainLog<SessionState>>().ReadAsync(id, 0, 1000);
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(logged => (int)logged.Seq));
        return [.. events.Select(logged => WarroomJson.SessionEventOf(logged.Body)!)];
    }

    /// <summary>Waits until no reply is in flight, and returns the end of the last one.</summary>
    public async Task<ReplyEnded> EndAsync()
    {
        await Eventually.HoldsAsync($"the reply of session {id} to end", async () => (await Grain.GetAsync())!.Live is null);
        var events = await EventsAsync();
        Assert.Equal(events.OfType<ReplyStarted>().Select(started => started.ReplyId), events.OfType<ReplyEnded>().Select(ended => ended.ReplyId));
        return events.OfType<ReplyEnded>().Last();
    }

    /// <summary>Waits until so many tokens of the present reply were published.</summary>
    public Task TokensAsync(int count) => Eventually.HoldsAsync($"{count} tokens of session {id}", () => Batches.Sum(batch => batch.Tokens.Length) >= count);

    /// <summary>The text of one reply as the listener got it; its token numbers must have no gap.</summary>
    public string Published(Guid replyId)
    {
        var batches = Batches.Where(batch => batch.ReplyId == replyId).ToList();
        var next = 0L;
        foreach (var batch in batches)
        {
            Assert.Equal(next, batch.FirstToken);
            Assert.NotEmpty(batch.Tokens);
            next += batch.Tokens.Length;
        }

        return string.Concat(batches.SelectMany(batch => batch.Tokens));
    }

    /// <summary>The committed events that the listener got.</summary>
    public ImmutableArray<LoggedEvent> PublishedEvents() => [.. _updates.SelectMany(update => update.Events)];
}
