using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;
using Warroom.Streams;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>A cluster as a feed sees it, for what a real one does too rarely: it gives one grain, and streams that carry nothing and fail when they are told to.</summary>
internal sealed class FakeCluster : IStreamProvider
{
    public FakeCluster(object? grain = null)
    {
        var services = new ServiceCollection().AddKeyedSingleton<IStreamProvider>(WarroomStreams.Provider, this).BuildServiceProvider();
        Client = Fake.Of<IClusterClient>((method, _) => method.Name == "get_ServiceProvider" ? services : grain);
    }

    public IClusterClient Client { get; }

    public string Name => WarroomStreams.Provider;

    public bool IsRewindable => false;

    /// <summary>How often each stream was subscribed to, whether that succeeded or not.</summary>
    public ConcurrentDictionary<StreamId, int> Subscriptions { get; } = new();

    /// <summary>Subscriptions to it fail.</summary>
    public StreamId? Broken { get; set; }

    public IAsyncStream<T> GetStream<T>(StreamId streamId) => Fake.Of<IAsyncStream<T>>((_, _) =>
    {
        Subscriptions.AddOrUpdate(streamId, 1, (_, count) => count + 1);
        return Broken == streamId ? Task.FromException<StreamSubscriptionHandle<T>>(new TimeoutException("No answer.")) : Task.FromResult<StreamSubscriptionHandle<T>>(null!);
    });
}
