using System.Collections.Concurrent;
using Orleans.Embedded.Manifests;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>
/// The streams of one provider in one silo. A stream takes memory only while somebody is subscribed. Publishing puts the items into each
/// subscriber's own buffer and is done; whoever is slow, throws or hangs disturbs nobody but itself.
/// </summary>
internal sealed class StreamHub
{
    private readonly ConcurrentDictionary<StreamId, StreamTopic> _topics = new();
    private readonly Dictionary<string, GrainClass[]> _implicit;
    private long _sequence;

    public StreamHub(string name, SiloRuntime runtime)
    {
        Name = name;
        Runtime = runtime;
        _implicit = runtime.Grains.Classes
            .SelectMany(grainClass => grainClass.ImplicitNamespaces.Select(ns => (Namespace: ns, Class: grainClass)))
            .GroupBy(pair => pair.Namespace, pair => pair.Class, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    public string Name { get; }

    public SiloRuntime Runtime { get; }

    /// <summary>How many streams take memory.</summary>
    public int TopicCount => _topics.Count;

    public void Publish<T>(StreamId streamId, IReadOnlyList<T> items)
    {
        while (true)
        {
            if (!_topics.TryGetValue(streamId, out var topic))
            {
                if (!HasImplicit(streamId)) return;
                topic = _topics.GetOrAdd(streamId, static (id, hub) => new StreamTopic(hub, id), this);
            }

            if (topic.TryPublish(items)) return;
        }
    }

    public void Publish<T>(StreamId streamId, T item)
    {
        if (_topics.ContainsKey(streamId) || HasImplicit(streamId)) Publish(streamId, [item]);
    }

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

    private bool HasImplicit(StreamId streamId) => _implicit.Count > 0 && Implicit(streamId).Count > 0;
}
