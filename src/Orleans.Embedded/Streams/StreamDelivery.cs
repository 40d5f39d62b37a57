using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;
using Orleans.Streams.Core;

namespace Orleans.Embedded.Streams;

/// <summary>How items of streams come to grains.</summary>
internal interface IStreamConsumer : IGrainExtension
{
    /// <summary>Takes items of one subscription.</summary>
    Task Deliver();
}

/// <summary>The observers that an activation has for its subscriptions.</summary>
internal sealed class StreamReceivers
{
    private readonly Dictionary<Guid, Receiver> _receivers = [];

    /// <summary>Subscriptions that the grain was told of.</summary>
    public HashSet<Guid> Told { get; } = [];

    public Receiver? Find(Guid subscription) => _receivers.GetValueOrDefault(subscription);

    public void Set(Guid subscription, Receiver receiver) => _receivers[subscription] = receiver;

    public void Remove(Guid subscription) => _receivers.Remove(subscription);

    public static StreamReceivers Of(ActivationContext activation)
    {
        if (activation.GetComponent<StreamReceivers>() is { } receivers) return receivers;
        activation.SetComponent(receivers = new StreamReceivers());
        return receivers;
    }
}

/// <summary>
/// The call that brings items to a grain. Within a process the items go as they are; to a grain in another, parcel by parcel. There a handler's failure has the whole call repeated: how far it came is known in its process only.
/// </summary>
internal sealed class StreamDelivery : TaskRequest
{
    private static readonly GrainMethod DeliverMethod = new(
        typeof(IStreamConsumer), typeof(IStreamConsumer).FullName!, nameof(IStreamConsumer.Deliver), nameof(IStreamConsumer.Deliver),
        InvokeMethodOptions.None, null, []);

    private StreamHub? _hub;
    private StreamId _streamId;
    private Guid _subscriptionId;
    private string _provider = "";
    private DeliveryProgress _progress = new();
    private IReadOnlyList<StreamItem<ParcelItem>> _items = [];
    private Exception? _error;

    /// <summary>For one that comes from another process.</summary>
    public StreamDelivery()
    {
    }

    public StreamDelivery(GrainSubscription subscription, IReadOnlyList<StreamItem<ParcelItem>> items, Exception? error)
    {
        _hub = subscription.Hub;
        _provider = subscription.Hub.Name;
        _streamId = subscription.StreamId;
        _subscriptionId = subscription.Id;
        _progress = subscription.Progress;
        _items = items;
        _error = error;
    }

    /// <summary>The call's name in messages.</summary>
    public static string WireName => System.Text.Encoding.UTF8.GetString(DeliverMethod.WireName);

    protected override GrainMethod Method => DeliverMethod;

    public override void WriteArguments(ref WireWriter writer)
    {
        var parcels = _items.Select(item => item.Value.Parcel).Distinct().ToList();

        // One that came from another process and goes on to a third is bytes already.
        var serializer = _hub is null ? null : (_hub.Mesh ?? throw new NotSupportedException("A stream without a cluster delivers within its process.")).Serializer;
        Wire<StreamCargo>.Codec.WriteField(ref writer, 0, new StreamCargo
        {
            Provider = _provider,
            StreamId = _streamId,
            SubscriptionId = _subscriptionId,
            Parcels = [.. parcels.Select(parcel => ParcelMessage.Of(parcel, serializer!))],
            Items = [.. _items.SelectMany(item => new[] { parcels.IndexOf(item.Value.Parcel), item.Value.Index })],
            Error = _error,
        });
    }

    public override void ReadArguments(ref WireReader reader)
    {
        StreamCargo? cargo = null;
        while (reader.Tag(out var id, out var kind))
        {
            if (id == 0) cargo = Wire<StreamCargo>.Codec.Read(ref reader, kind);
            else reader.Skip(kind);
        }

        if (cargo is null) throw new WireFormatException("A delivery of a stream is empty.");
        _provider = cargo.Provider;
        _streamId = cargo.StreamId;
        _subscriptionId = cargo.SubscriptionId;
        _error = cargo.Error;
        var parcels = cargo.Parcels.Select(message => message.ToParcel()).ToList();
        _items = [.. Enumerable.Range(0, cargo.Items.Length / 2).Select(i => (Parcel: parcels[cargo.Items[i * 2]], Index: cargo.Items[(i * 2) + 1]))
            .Select(item => new StreamItem<ParcelItem>(new ParcelItem(item.Parcel, item.Index), new StreamToken(item.Parcel.Sequence, item.Index)))];
    }

    protected override Task Call(object target) => DeliverAsync(target, ActivationContext.OfThisTurn!);

    private async Task DeliverAsync(object grain, ActivationContext activation)
    {
        var hub = _hub ?? activation.ActivationServices.GetKeyedService<StreamHub>(_provider)
            ?? throw new InvalidOperationException($"This silo has no stream provider \"{_provider}\": call AddMemoryStreams(\"{_provider}\") on every silo's builder.");
        var receivers = StreamReceivers.Of(activation);
        if (receivers.Find(_subscriptionId) is null && grain is IStreamSubscriptionObserver observer && receivers.Told.Add(_subscriptionId))
            await observer.OnSubscribed(new SubscriptionHandleFactory(hub, _streamId, _subscriptionId));

        // A grain that did not resume its subscription does not want the items.
        if (receivers.Find(_subscriptionId) is not { } receiver) return;
        if (_error is not null) await receiver.OnErrorAsync(_error);
        else await receiver.OnNextAsync(_items, hub.Mesh?.Serializer, _progress);
    }
}

/// <summary>What a delivery carries to another process.</summary>
[GenerateSerializer, Immutable]
internal sealed record StreamCargo
{
    [Id(0)] public string Provider { get; init; } = "";

    [Id(1)] public StreamId StreamId { get; init; }

    [Id(2)] public Guid SubscriptionId { get; init; }

    [Id(3)] public ImmutableArray<ParcelMessage> Parcels { get; init; } = [];

    /// <summary>Pairs: which parcel, which of its items.</summary>
    [Id(4)] public ImmutableArray<int> Items { get; init; } = [];

    [Id(5)] public Exception? Error { get; init; }
}

/// <summary>A parcel in a message.</summary>
[GenerateSerializer, Immutable]
internal sealed record ParcelMessage
{
    [Id(0)] public string ItemType { get; init; } = "";

    [Id(1)] public int Count { get; init; }

    [Id(2)] public long Sequence { get; init; }

    [Id(3)] public byte[] Items { get; init; } = [];

    /// <summary>How many bytes it takes in a message, at most.</summary>
    public static int SizeOf(StreamParcel parcel, IWireSerializer serializer) => parcel.ToBytes(serializer).Length + (3 * parcel.ItemType.Length) + 48;

    public static ParcelMessage Of(StreamParcel parcel, IWireSerializer serializer) =>
        new() { ItemType = parcel.ItemType, Count = parcel.Count, Sequence = parcel.Sequence, Items = parcel.ToBytes(serializer) };

    public ArrivedParcel ToParcel() => new(ItemType, Count, Items) { Sequence = Sequence };
}

/// <summary>Makes the handle of a subscription that a grain is told of.</summary>
internal sealed class SubscriptionHandleFactory(StreamHub hub, StreamId streamId, Guid id) : IStreamSubscriptionHandleFactory
{
    public StreamId StreamId => streamId;

    public string ProviderName => hub.Name;

    public GuidId SubscriptionId => GuidId.GetGuidId(id);

    public Orleans.Streams.StreamSubscriptionHandle<T> Create<T>() => new SubscriptionHandle<T>(hub, streamId, id);
}
