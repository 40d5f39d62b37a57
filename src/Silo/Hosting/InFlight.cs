namespace Warroom.Hosting;

/// <summary>Counts the requests that are being worked on, and takes no new ones once it is closed.</summary>
public sealed class InFlight
{
    private const int Closed = int.MinValue;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The sign says whether it is closed, the rest is the count.
    private int _state;

    /// <summary>How many are being worked on.</summary>
    public int Count => Volatile.Read(ref _state) & int.MaxValue;

    /// <summary>Whether it takes no new ones.</summary>
    public bool IsClosed => Volatile.Read(ref _state) < 0;

    /// <summary>Begins a request. False if it is closed: then <see cref="Exit"/> is not to be called.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) > 0)
            return true;
        Exit();
        return false;
    }

    /// <summary>Ends a request.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _state) == Closed)
            _empty.TrySetResult();
    }

    /// <summary>Takes no more, and waits for those that are there. True if all of them ended in time.</summary>
    public async Task<bool> CloseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Or(ref _state, Closed) == 0)
            _empty.TrySetResult();
        try
        {
            await _empty.Task.WaitAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
