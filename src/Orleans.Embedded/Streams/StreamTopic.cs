using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>One stream that somebody is subscribed to.</summary>
internal sealed class StreamTopic(StreamHub hub, StreamId streamId)
{
    private readonly Lock _lock = new();
    private StreamSubscription[] _subscriptions = [];
    private bool _implicitAdded;
    private bool _retired;

    public StreamId StreamId => streamId;

    /// <summary>Gives items to every subscriber, under one lock so that all see the same order. False if the stream was given up meanwhile.</summary>
    public bool TryPublish<T>(IReadOnlyList<T> items)
    {
        lock (_lock)
        {
            if (_retired) return false;
            if (!_implicitAdded) AddImplicit<T>();
            var sequence = hub.NextSequence();
            for (var i = 0; i < items.Count; i++)
            {
                var token = new StreamToken(sequence, i);
                foreach (var subscription in _subscriptions)
                {
                    if (subscription is IStreamSink<T> sink) sink.Accept(items[i], token);
                    else subscription.RefuseType(typeof(T));
                }
            }

            return true;
        }
    }

    public bool TryAdd(StreamSubscription subscription)
    {
        lock (_lock)
        {
            if (_retired) return false;
            _subscriptions = [.. _subscriptions, subscription];
            return true;
        }
    }

    public void Remove(StreamSubscription subscription)
    {
        lock (_lock)
        {
            var index = Array.IndexOf(_subscriptions, subscription);
            if (index >= 0) _subscriptions = [.. _subscriptions.AsSpan(0, index), .. _subscriptions.AsSpan(index + 1)];
            RetireIfUnused();
        }
    }

    /// <summary>A grain's implicit subscription has nothing to deliver: it needs no memory until the next item.</summary>
    public void OnImplicitIdle()
    {
        lock (_lock) RetireIfUnused();
    }

    public StreamSubscription[] Snapshot() => Volatile.Read(ref _subscriptions);

    private void RetireIfUnused()
    {
        if (_retired || Array.Exists(_subscriptions, subscription => !subscription.IsImplicit || !subscription.IsIdle)) return;
        _retired = true;
        hub.Remove(this);
    }

    private void AddImplicit<T>()
    {
        _implicitAdded = true;
        foreach (var grainClass in hub.Implicit(streamId))
        {
            var grainId = GrainId.Create(grainClass.GrainType, streamId.GetKeyAsString());
            _subscriptions = [.. _subscriptions, new GrainSubscription<T>(hub, streamId, ImplicitId(grainId), grainId, isImplicit: true, this)];
        }
    }

    /// <summary>The same grain and stream always have the same subscription.</summary>
    private Guid ImplicitId(GrainId grainId)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, UniformHash.Compute(hub.Name, grainId.ToString()));
        BitConverter.TryWriteBytes(bytes[4..], grainId.GetUniformHashCode());
        BitConverter.TryWriteBytes(bytes[8..], streamId.GetUniformHashCode());
        BitConverter.TryWriteBytes(bytes[12..], UniformHash.Compute(streamId.ToString(), hub.Name));
        return new Guid(bytes);
    }
}
