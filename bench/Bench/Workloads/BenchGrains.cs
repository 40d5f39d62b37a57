using System.Diagnostics;
using Orleans.Streams;

namespace Warroom.Bench.Workloads;

/// <summary>Does nothing: what is measured is the call.</summary>
[Alias("bench.echo")]
public interface IEchoGrain : IGrainWithIntegerKey
{
    /// <summary>Returns what it is given.</summary>
    [Alias("echo")]
    Task<int> EchoAsync(int value);
}

/// <inheritdoc cref="IEchoGrain"/>
public sealed class EchoGrain : Grain, IEchoGrain
{
    /// <inheritdoc/>
    public Task<int> EchoAsync(int value) => Task.FromResult(value);
}

/// <summary>Publishes the time on its stream.</summary>
[Alias("bench.publisher")]
public interface IPublisherGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Publishes <paramref name="count"/> events, each when the one before was taken, <paramref name="pause"/> apart. Below a millisecond it spins, which takes one core: measure nothing across processes by that on a machine of two.
    /// </summary>
    [Alias("publish")]
    Task PublishAsync(int count, TimeSpan pause);
}

/// <inheritdoc cref="IPublisherGrain"/>
public sealed class PublisherGrain : Grain, IPublisherGrain
{
    /// <inheritdoc/>
    public async Task PublishAsync(int count, TimeSpan pause)
    {
        var stream = this.GetStreamProvider("warroom").GetStream<StampedEvent>(Orleans.Runtime.StreamId.Create("bench", this.GetPrimaryKeyLong()));
        for (var n = 0; n < count; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            await stream.OnNextAsync(new StampedEvent { At = Stopwatch.GetTimestamp() });
            if (pause >= TimeSpan.FromMilliseconds(1))
                await Task.Delay(pause, TimeProvider.System);
            while (Stopwatch.GetElapsedTime(begun) < pause)
                await Task.Yield();
        }
    }
}

/// <summary>When it was published.</summary>
[GenerateSerializer, Immutable, Alias("bench.stamped-event")]
public sealed record StampedEvent
{
    /// <summary>By the monotonic clock.</summary>
    [Id(0)] public required long At { get; init; }
}
