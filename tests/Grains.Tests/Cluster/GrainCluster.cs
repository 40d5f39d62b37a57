using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Alerts;
using Warroom.Incidents;
using Warroom.Persistence;
using Warroom.Streams;
using Warroom.Testing.Persistence;

namespace Warroom.Cluster;

/// <summary>Silos in this process (one, or as many as <see cref="SiloCount"/> says) with the product's grains, over storage in memory that outlives activations and can be told to fail.</summary>
public sealed class GrainCluster : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster;

    public GrainCluster()
    {
        var builder = new InProcessTestClusterBuilder(SiloCount.Value);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryStreams(WarroomStreams.Provider);
            silo.AddMemoryGrainStorage("PubSubStore");
            silo.Services.AddGrainStorage("warroom", (_, _) => Storage);
            silo.Services.AddSingleton<IGrainLog<IncidentState>>(Log);
            silo.Services.AddSingleton<IServiceIncidents>(new LoggedServiceIncidents(Log, () => AfterSearch()));
            silo.Services.AddIncidents();
        });
        builder.ConfigureClient(client => client.AddMemoryStreams(WarroomStreams.Provider));
        _cluster = builder.Build();
    }

    /// <summary>The log of incidents.</summary>
    public InMemoryGrainLog<IncidentState> Log { get; } = new();

    /// <summary>The states of all other grains.</summary>
    public InMemoryGrainStorage Storage { get; } = new();

    /// <summary>What happens between a router's search for unresolved incidents and its answer; nothing unless a test says so.</summary>
    public Func<Task> AfterSearch { get; set; } = () => Task.CompletedTask;

    /// <summary>Gives grains.</summary>
    public IGrainFactory Grains => _cluster.Client;

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    /// <summary>Ends every activation that is idle: the next call finds what is stored.</summary>
    public Task DeactivateAllAsync() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    /// <summary>Listens to a stream.</summary>
    public async Task<ChannelReader<T>> ListenAsync<T>(StreamId stream)
    {
        var heard = Channel.CreateUnbounded<T>();
        await _cluster.Client.GetStreamProvider(WarroomStreams.Provider).GetStream<T>(stream).SubscribeAsync((item, _) =>
        {
            heard.Writer.TryWrite(item);
            return Task.CompletedTask;
        });
        return heard.Reader;
    }

    /// <summary>The next thing heard.</summary>
    public static Task<T> NextAsync<T>(ChannelReader<T> heard) => Eventually.CompletesAsync($"the next {typeof(T).Name} on a stream", heard.ReadAsync().AsTask());
}
