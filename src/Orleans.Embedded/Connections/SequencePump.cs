using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

/// <summary>Sends the items of a grain's sequence to a caller in another process: several in a frame, and never more than the caller has room for.</summary>
internal sealed class SequencePump(PeerConnection connection, long id, IGrainSequence sequence, IWireSerializer serializer, int frameMax)
{
    private const int FrameBytes = 32 * 1024;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _wait;
    private int _credit = IGrainSequence.ItemsAhead;
    private volatile bool _abandoned;

    public void Start() => _ = CleanFlow.Run(() => Task.Run(RunAsync));

    /// <summary>The caller has room for so many more.</summary>
    public void Credit(int count)
    {
        lock (_lock)
        {
            _credit = Math.Min(_credit + count, IGrainSequence.ItemsAhead);
            _wait?.TrySetResult();
            _wait = null;
        }
    }

    /// <summary>The caller wants no more: it is told when the grain's method has ended.</summary>
    public void Stop()
    {
        sequence.Stop();
        _stop.Cancel();
    }

    /// <summary>The caller is gone.</summary>
    public void Abandon()
    {
        _abandoned = true;
        sequence.Fail(new EnumerationAbortedException("The caller's connection was lost."));
        _stop.Cancel();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends a sequence is told to the caller.")]
    private async Task RunAsync()
    {
        Exception? failure = null;
        try
        {
            while (await sequence.WaitForItemAsync(_stop.Token))
            {
                while (SendItems())
                {
                    // As many frames as there are items.
                }

                await WaitForCreditAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The caller has stopped.
        }
        catch (Exception exception)
        {
            failure = exception;
            sequence.Fail(exception);
        }

        if (_abandoned) return;
        if (failure is null) await sequence.Ended.WaitAsync(StopPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        connection.ForgetPump(id);
        SendEnd(failure);
    }

    /// <summary>One frame of what is there; true if it was worth one.</summary>
    private bool SendItems()
    {
        int credit;
        lock (_lock) credit = _credit;
        if (credit == 0) return false;
        var frame = FrameWriter.Rent(FrameKind.Items);
        var sent = 0;
        try
        {
            frame.WriteInt64(id);
            while (sent < credit && frame.Length < FrameBytes)
            {
                var start = frame.Length;
                frame.WriteInt32(0);
                if (!sequence.TryWriteItem(serializer, frame))
                {
                    frame.Truncate(start);
                    break;
                }

                if (frame.Length - sizeof(int) > frameMax)
                    throw new OrleansException($"An item of {frame.Length} bytes cannot be sent: at most {frameMax} are allowed (Cluster:FrameMax).");
                frame.PatchInt32(start, frame.Length - start - sizeof(int));
                sent++;
            }

            if (sent > 0) connection.TrySend(frame, atOnce: false);
        }
        finally
        {
            frame.Return();
        }

        lock (_lock) _credit -= sent;
        return sent > 0;
    }

    private Task WaitForCreditAsync()
    {
        lock (_lock)
        {
            if (_credit > 0) return Task.CompletedTask;
            _wait ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _wait.Task.WaitAsync(_stop.Token);
        }
    }

    private void SendEnd(Exception? failure)
    {
        var frame = FrameWriter.Rent(FrameKind.ItemsEnd);
        frame.WriteInt64(id);
        frame.WriteByte((byte)(failure is null ? AnswerStatus.Result : AnswerStatus.Failure));
        if (failure is not null) serializer.WriteException(frame, failure);
        connection.TrySend(frame, atOnce: false);
        frame.Return();
    }
}
