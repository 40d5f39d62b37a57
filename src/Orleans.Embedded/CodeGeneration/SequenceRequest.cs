using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>
/// A call of a method that returns <see cref="IAsyncEnumerable{T}"/>. The call itself only starts the sequence, so that the grain is free for others;
/// the sequence then runs as turns of its own until it ends, the caller stops, or the activation ends.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SequenceRequest<T> : GrainRequest<NoResult>, IGrainSequence
{
    /// <summary>After so many items that were taken the grain's process is told that it may send more.</summary>
    private const int CreditSize = IGrainSequence.ItemsAhead / 4;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly Channel<T> _items = Channel.CreateBounded<T>(new BoundedChannelOptions(IGrainSequence.ItemsAhead) { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _aborted;
    private volatile bool _stalled;
    private int _taken;

    internal ChannelReader<T> Items => _items.Reader;

    /// <summary>Makes the call; generated.</summary>
    protected abstract IAsyncEnumerable<T> Call(object target);

    long IGrainSequence.RemoteId { get; set; }

    Task IGrainSequence.Ended => _ended.Task;

    bool IGrainSequence.IsStalled => _stalled;

    void IGrainSequence.Stop()
    {
        _items.Writer.TryComplete();
        if (Started) Holder?.CancelRunning(this);
        else _ended.TrySetResult();
    }

    void IGrainSequence.Abort(Exception exception)
    {
        _aborted = exception;
        _items.Writer.TryComplete(exception);
        CancelCallee();
    }

    void IGrainSequence.Fail(Exception exception)
    {
        _aborted = exception;
        _items.Writer.TryComplete(exception);
        if (Started) Holder?.CancelRunning(this);
    }

    ValueTask<bool> IGrainSequence.WaitForItemAsync(CancellationToken cancellationToken) => _items.Reader.WaitToReadAsync(cancellationToken);

    bool IGrainSequence.TryWriteItem(IWireSerializer serializer, IBufferWriter<byte> output)
    {
        if (!_items.Reader.TryRead(out var item)) return false;
        serializer.Write(output, item);
        return true;
    }

    bool IGrainSequence.TryReadItem(IWireSerializer serializer, ReadOnlySpan<byte> input)
    {
        try
        {
            return _items.Writer.TryWrite(serializer.Read<T>(input));
        }
        catch (WireFormatException exception)
        {
            // An item of another version ends this sequence, not the connection that all calls share.
            _items.Writer.TryComplete(exception);
            return false;
        }
    }

    void IGrainSequence.Complete(Exception? failure)
    {
        _items.Writer.TryComplete(failure);
        _ended.TrySetResult();
    }

    /// <summary>The caller has taken an item.</summary>
    internal void OnTaken()
    {
        if (Holder is not PeerConnection connection || ++_taken < CreditSize) return;
        _taken = 0;
        connection.SendCredit(this, CreditSize);
    }

    /// <summary>The caller wants no more: the grain's finally blocks run before this completes, unless they take too long.</summary>
    internal async Task StopAsync()
    {
        _items.Writer.TryComplete();
        if (!Started) return;
        Holder?.CancelRunning(this);
        try
        {
            await _ended.Task.WaitAsync(StopPatience);
        }
        catch (TimeoutException)
        {
            // The grain does not heed its token; it is cancelled, and nobody reads what it still yields.
        }
    }

    private protected sealed override Task InvokeInner(object target)
    {
        _ = RunAsync(Call(target));
        return Task.CompletedTask;
    }

    private protected sealed override NoResult Read(Task task) => default;

    /// <summary>The answer ends the start, not the sequence: the caller's token stays bound to it.</summary>
    internal override void Release()
    {
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the grain throws is thrown to the caller by its enumerator.")]
    private async Task RunAsync(IAsyncEnumerable<T> sequence)
    {
        var activation = ActivationContext.OfThisTurn;
        activation?.Add(this);
        Exception? failure = null;
        try
        {
            await foreach (var item in sequence.WithCancellation(Token))
            {
                if (!_items.Writer.TryWrite(item) && !await WriteAsync(item)) break;
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        activation?.Forget(this);
        base.Release();
        _items.Writer.TryComplete(_aborted ?? failure);
        _ended.TrySetResult();
    }

    /// <summary>False when the caller has stopped.</summary>
    private async ValueTask<bool> WriteAsync(T item)
    {
        _stalled = true;
        try
        {
            await _items.Writer.WriteAsync(item, Token);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
        finally
        {
            _stalled = false;
        }
    }
}
