using Orleans.Runtime;

namespace Orleans.Embedded.Streams;

/// <summary>One stream that somebody is subscribed to.</summary>
internal sealed class StreamTopic(StreamHub hub, StreamId streamId)
{
    private readonly Lock _lock = new();
    private StreamSubscription[] _subscriptions = [];
    private StreamProducers? _producers;
    private bool _implicitAdded;
    private bool _retired;

    public StreamId StreamId => streamId;

    /// <summary>Gives items to every subscriber, under one lock so that all see the same order. False if the stream was given up meanwhile.</summary>
    public bool TryPublish<T>(IReadOnlyList<T> items)
    {
        lock (_lock)
        {
            if (_retired) return false;
            if (!_implicitAdded) AddImplicit();
            var sequence = hub.NextSequence();
            StreamParcel? parcel = null;
            foreach (var subscription in _subscriptions)
                if (subscription is not IStreamSink<T>) subscription.AcceptParcel(parcel ??= new PublishedParcel<T>(items) { Sequence = sequence });
            for (var i = 0; i < items.Count; i++)
            {
                var token = new StreamToken(sequence, i);
                foreach (var subscription in _subscriptions)
                    if (subscription is IStreamSink<T> sink) sink.Accept(items[i], token);
            }

            return true;
        }
    }

    /// <summary>The same for parcels of a producer in another process; a number that was there already is passed over.</summary>
    public bool TryPublish(Guid producer, long number, IReadOnlyList<StreamParcel> parcels)
    {
        lock (_lock)
        {
            if (_retired) return false;
            if (!_implicitAdded) AddImplicit();
            _producers ??= new StreamProducers(hub.Surroundings.Bounds.ProducersMax);
            if (!_producers.TryTake(producer, number)) return true;
            foreach (var parcel in parcels)
            {
                parcel.Sequence = hub.NextSequence();
                foreach (var subscription in _subscriptions) subscription.AcceptParcel(parcel);
            }

            return true;
        }
    }

    /// <summary>Gives what the home sent to the subscriptions of code in this process.</summary>
    public void Arrive(StreamParcel parcel)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
                if (subscription.IsOfThisProcess) subscription.AcceptParcel(parcel);
        }
    }

    public void Tell(Exception error, bool onlyHere)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
                if (!onlyHere || subscription.IsOfThisProcess) subscription.Tell(error);
        }
    }

    public bool TryAdd(StreamSubscription subscription)
    {
        lock (_lock)
        {
            if (_retired) return false;

            // A registration may come again.
            if (!Array.Exists(_subscriptions, known => known.Id == subscription.Id)) _subscriptions = [.. _subscriptions, subscription];
            return true;
        }
    }

    /// <summary>False if it is not there: somebody else has removed it.</summary>
    public bool Remove(StreamSubscription subscription)
    {
        lock (_lock)
        {
            var index = Array.IndexOf(_subscriptions, subscription);
            if (index >= 0) _subscriptions = [.. _subscriptions.AsSpan(0, index), .. _subscriptions.AsSpan(index + 1)];
            RetireIfUnused();
            return index >= 0;
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

    private void AddImplicit()
    {
        _implicitAdded = true;
        foreach (var grainClass in hub.Implicit(streamId))
        {
            var grainId = GrainId.Create(grainClass.GrainType, streamId.GetKeyAsString());
            _subscriptions = [.. _subscriptions, new GrainSubscription(hub, streamId, ImplicitId(grainId), grainId, isImplicit: true, this)];
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
