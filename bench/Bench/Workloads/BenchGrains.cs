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
    /// <summary>Publishes <paramref name="count"/> events, each when the one before was taken, <paramref name="spin"/> apart. It spins meanwhile, which takes one core.</summary>
    [Alias("publish")]
    Task PublishAsync(int count, TimeSpan spin);

    /// <summary>Publishes <paramref name="count"/> events, eight with every tick of a timer of a millisecond, which the machine may stretch to four: 2,000 to 8,000 a second. The core is free meanwhile.</summary>
    [Alias("publish-paced")]
    Task PublishPacedAsync(int count);
}

/// <inheritdoc cref="IPublisherGrain"/>
public sealed class PublisherGrain : Grain, IPublisherGrain
{
    /// <inheritdoc/>
    public async Task PublishAsync(int count, TimeSpan spin)
    {
        var stream = Stream;
        for (var n = 0; n < count; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            await stream.OnNextAsync(new StampedEvent { At = Stopwatch.GetTimestamp() });
            while (Stopwatch.GetElapsedTime(begun) < spin)
                await Task.Yield();
        }
    }

    /// <inheritdoc/>
    public async Task PublishPacedAsync(int count)
    {
        var stream = Stream;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var n = 0; n < count; n++)
        {
            if (n % 8 == 0)
                await timer.WaitForNextTickAsync();
            await stream.OnNextAsync(new StampedEvent { At = Stopwatch.GetTimestamp() });
        }
    }

    private IAsyncStream<StampedEvent> Stream => this.GetStreamProvider("warroom").GetStream<StampedEvent>(Orleans.Runtime.StreamId.Create("bench", this.GetPrimaryKeyLong()));
}

/// <summary>When it was published.</summary>
[GenerateSerializer, Immutable, Alias("bench.stamped-event")]
public sealed record StampedEvent
{
    /// <summary>By the monotonic clock.</summary>
    [Id(0)] public required long At { get; init; }
}
