using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Placement;
using Orleans.Hosting;
using Orleans.Streams;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Silos and a client with streams.</summary>
internal sealed class StreamCluster : IAsyncDisposable
{
    public const string Provider = "streams";

    private StreamCluster(InProcessTestCluster cluster) => Cluster = cluster;

    public InProcessTestCluster Cluster { get; }

    public static async Task<StreamCluster> StartAsync(short silos = 3, params (string Key, string Value)[] settings)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureHost(host => host.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))));
        builder.ConfigureSilo((_, silo) => silo.AddMemoryStreams(Provider).AddMemoryGrainStorage("PubSubStore"));
        builder.ConfigureClient(client => client.AddMemoryStreams(Provider));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new StreamCluster(cluster);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    public IAsyncStream<T> ClientStream<T>(StreamId id) => Cluster.Client.GetStreamProvider(Provider).GetStream<T>(id);

    public static IAsyncStream<T> Stream<T>(InProcessSiloHandle silo, StreamId id) =>
        silo.ServiceProvider.GetRequiredService<IClusterClient>().GetStreamProvider(Provider).GetStream<T>(id);

    public InProcessSiloHandle HomeOf(string key) => OwnerOf(GrainId.Create("any", key));

    public InProcessSiloHandle OwnerOf(GrainId grainId)
    {
        var address = Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainPlacement>().Locate(grainId);
        return Cluster.GetSiloForAddress(address!) ?? throw new InvalidOperationException($"Silo {address} does not run.");
    }

    /// <summary>A key that begins so and whose owner is this silo.</summary>
    public string KeyAt(InProcessSiloHandle silo, string prefix) =>
        Enumerable.Range(0, 10_000).Select(i => $"{prefix} {i}").First(key => HomeOf(key).SiloAddress.Equals(silo.SiloAddress));
}

/// <summary>What a subscriber heard.</summary>
internal sealed class HeardItems : IAsyncObserver<int>
{
    private readonly Recording _record = Recording.Of($"heard {Guid.NewGuid()}");

    public ConcurrentQueue<int> Items { get; } = new();

    public ConcurrentQueue<Exception> Errors { get; } = new();

    public Task OnNextAsync(int item, StreamSequenceToken? token = null)
    {
        Items.Enqueue(item);
        _record.Add($"{item}");
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex)
    {
        Errors.Enqueue(ex);
        _record.Add("error");
        return Task.CompletedTask;
    }

    public Task UntilAsync(int item) => _record.HasAsync($"{item}");

    public Task UntilErrorAsync() => _record.HasAsync("error");
}
