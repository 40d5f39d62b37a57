using System.Collections.Concurrent;
using Orleans.Embedded.Manifests;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>
/// The streams of one provider in one process. A stream takes memory only while somebody is subscribed. Publishing puts the items into each
/// subscriber's own buffer and is done; whoever is slow, throws or hangs disturbs nobody but itself. In a cluster what is published goes to the stream's
/// home first (<see cref="StreamMesh"/>): this is then the half that is within the process.
/// </summary>
internal sealed class StreamHub
{
    private readonly ConcurrentDictionary<StreamId, StreamTopic> _topics = new();
    private readonly Dictionary<string, GrainClass[]> _implicit;
    private long _sequence;

    public StreamHub(string name, ProcessRuntime runtime, StreamMesh? mesh)
    {
        Name = name;
        Runtime = runtime;
        Mesh = mesh;
        Surroundings = mesh?.Surroundings ?? StreamSurroundings.OfProcess;
        _implicit = runtime.Grains.Classes
            .SelectMany(grainClass => grainClass.ImplicitNamespaces.Select(ns => (Namespace: ns, Class: grainClass)))
            .GroupBy(pair => pair.Namespace, pair => pair.Class, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        mesh?.Add(this);
    }

    public string Name { get; }

    public ProcessRuntime Runtime { get; }

    /// <summary>The way to other processes; null where there are none.</summary>
    public StreamMesh? Mesh { get; }

    /// <summary>Clock, bounds and the like.</summary>
    public StreamSurroundings Surroundings { get; }

    /// <summary>How many streams take memory.</summary>
    public int TopicCount => _topics.Count;

    public IEnumerable<StreamTopic> Topics => _topics.Values;

    /// <summary>Publishes to everybody who is subscribed at this process: it is the stream's home.</summary>
    public void Publish<T>(StreamId streamId, IReadOnlyList<T> items)
    {
        while (Topic(streamId) is { } topic)
            if (topic.TryPublish(items)) return;
    }

    public void Publish<T>(StreamId streamId, T item)
    {
        if (_topics.ContainsKey(streamId) || HasImplicit(streamId)) Publish(streamId, [item]);
    }

    /// <summary>Publishes what a producer in another process sent, once for each of its numbers.</summary>
    public void Publish(StreamId streamId, Guid producer, long number, IReadOnlyList<StreamParcel> parcels)
    {
        while (Topic(streamId) is { } topic)
            if (topic.TryPublish(producer, number, parcels)) return;
    }

    /// <summary>Gives what the stream's home sent to the subscriptions of this process.</summary>
    public void Arrive(StreamId streamId, StreamParcel parcel) => Find(streamId)?.Arrive(parcel);

    /// <summary>Tells subscribers of an error: those of this process, or all.</summary>
    public void Tell(StreamId streamId, Exception error, bool onlyHere) => Find(streamId)?.Tell(error, onlyHere);

    public void Subscribe(StreamId streamId, StreamSubscription subscription)
    {
        while (!_topics.GetOrAdd(streamId, static (id, hub) => new StreamTopic(hub, id), this).TryAdd(subscription))
        {
            // The stream was just given up because nobody was left; the next look finds or makes another.
        }
    }

    public StreamTopic? Find(StreamId streamId) => _topics.GetValueOrDefault(streamId);

    public void Remove(StreamTopic topic) => _topics.TryRemove(new KeyValuePair<StreamId, StreamTopic>(topic.StreamId, topic));

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    public IReadOnlyList<GrainClass> Implicit(StreamId streamId) =>
        streamId.GetNamespace() is { } ns && _implicit.TryGetValue(ns, out var classes) ? classes : [];

    /// <summary>The stream, if anybody is to get what is published on it.</summary>
    private StreamTopic? Topic(StreamId streamId)
    {
        if (_topics.TryGetValue(streamId, out var topic)) return topic;
        return HasImplicit(streamId) ? _topics.GetOrAdd(streamId, static (id, hub) => new StreamTopic(hub, id), this) : null;
    }

    private bool HasImplicit(StreamId streamId) => _implicit.Count > 0 && Implicit(streamId).Count > 0;
}
