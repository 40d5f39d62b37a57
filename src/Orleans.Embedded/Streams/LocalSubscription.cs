using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>A subscription of code outside of grains. It ends when it is ended, or with its process.</summary>
internal sealed class LocalSubscription<T>(StreamHub hub, StreamId streamId, Guid id, object owner)
    : StreamSubscription<T>(hub, streamId, id, isImplicit: false)
{
    private volatile Receiver<T>? _receiver;

    /// <summary>The provider through which it was made.</summary>
    public object Owner => owner;

    public override bool IsOfThisProcess => true;

    protected override int BatchMax => _receiver!.BatchMax;

    public void Resume(Receiver<T> receiver) => _receiver = receiver;

    public override void AcceptParcel(StreamParcel parcel)
    {
        IReadOnlyList<T>? items;
        try
        {
            items = parcel.Read<T>(Hub.Mesh?.Serializer);
        }
        catch (WireFormatException exception)
        {
            Tell(exception);
            return;
        }

        if (items is null) Tell(Receiver<T>.WrongType(parcel));
        for (var i = 0; i < items?.Count; i++) Accept(items[i], new StreamToken(parcel.Sequence, i));
    }

    protected override Task DeliverAsync(ReadOnlyMemory<StreamItem<T>> items) => _receiver!.OnNextAsync(items, Progress);

    protected override Task DeliverErrorAsync(Exception exception) => _receiver!.OnErrorAsync(exception);
}

/// <summary>An observer, whatever its items are.</summary>
internal abstract class Receiver
{
    public const int ItemsPerBatchMax = 256;

    public abstract Task OnNextAsync(IReadOnlyList<StreamItem<ParcelItem>> items, IWireSerializer? serializer, DeliveryProgress progress);

    public abstract Task OnErrorAsync(Exception exception);
}

/// <summary>An observer, of single items or of batches.</summary>
internal sealed class Receiver<T>(IAsyncObserver<T>? observer, IAsyncBatchObserver<T>? batchObserver) : Receiver
{

    public int BatchMax => batchObserver is null ? 1 : ItemsPerBatchMax;

    public Task OnNextAsync(ReadOnlyMemory<StreamItem<T>> items, DeliveryProgress progress)
    {
        if (batchObserver is not null)
        {
            progress.IsWholeBatch = true;
            return batchObserver.OnNextAsync([.. items.ToArray().Select(item => new SequentialItem<T>(item.Value, item.Token))]);
        }

        return items.Length == 1 ? observer!.OnNextAsync(items.Span[0].Value, items.Span[0].Token) : OneByOneAsync(items, progress);
    }

    public static InvalidCastException WrongType(StreamParcel parcel) =>
        new($"{parcel.ItemType} was published on a stream that is subscribed to as {typeof(T)}.");

    public override Task OnNextAsync(IReadOnlyList<StreamItem<ParcelItem>> items, IWireSerializer? serializer, DeliveryProgress progress)
    {
        var values = new StreamItem<T>[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (parcel, index) = items[i].Value;
            values[i] = new StreamItem<T>((parcel.Read<T>(serializer) ?? throw WrongType(parcel))[index], items[i].Token);
        }

        return OnNextAsync(values, progress);
    }

    public override Task OnErrorAsync(Exception exception) => batchObserver?.OnErrorAsync(exception) ?? observer!.OnErrorAsync(exception);

    private async Task OneByOneAsync(ReadOnlyMemory<StreamItem<T>> items, DeliveryProgress progress)
    {
        for (var i = 0; i < items.Length; i++)
        {
            await observer!.OnNextAsync(items.Span[i].Value, items.Span[i].Token);
            progress.Done = i + 1;
        }
    }
}
