using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Orleans.Embedded.Connections;

// Frames wait in one buffer; whoever flushes takes all of it and hands it to the socket in one piece, while others fill the next. So what waits leaves together,
// without a window of time that would be added to each call.
internal sealed partial class PeerConnection
{
    private const int BufferSize = 32 * 1024;

    /// <summary>What waits leaves at once from here on.</summary>
    private const int FlushBytes = 64 * 1024;

    /// <summary>So many bytes are handed to the socket at once, so that whether the other side reads shows also where much is to be sent.</summary>
    private const int SliceBytes = 1024 * 1024;

    /// <summary>Answers up to this size are sent however much waits, as pings are.</summary>
    private const int SmallFrame = 1024;

    /// <summary>After so many sends a thread that came to send its own lets another go on.</summary>
    private const int SendsInARow = 4;

    private readonly Action _onSent;
    private byte[] _waiting = new byte[BufferSize];
    private byte[] _outgoing = new byte[BufferSize];
    private int _waitingCount;
    private int _outgoingCount;
    private int _outgoingSent;
    private long _sendingSinceMs;
    private long _appended;
    private long _handedOver;
    private bool _isSending;
    private bool _flushQueued;
    private bool _endsSending;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _sending;

    private enum Leaves
    {
        /// <summary>Somebody sends now and takes it along.</summary>
        WithOthers,

        /// <summary>It is this thread's to send, now.</summary>
        Now,

        /// <summary>It leaves when the thread's work is done, or when the pool comes to it.</summary>
        Soon,
    }

    /// <summary>How many bytes wait to be sent.</summary>
    public int WaitingBytes => Volatile.Read(ref _waitingCount);

    /// <summary>Sends a frame after all others; false if the connection has ended. The frame's memory is the caller's again.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="atOnce">Nothing else is under way that it could wait for.</param>
    public bool TrySend(FrameWriter frame, bool atOnce)
    {
        var leaves = Leaves.WithOthers;
        bool isTooMuch;
        lock (_gate)
        {
            if (_closed is not null) return false;
            isTooMuch = _waitingCount + (long)frame.Length > _settings.WaitingBytesMax * 4L;
            if (!isTooMuch) leaves = Append(frame.Finish(), atOnce);
        }

        if (isTooMuch) GiveUpReader();
        else Leave(leaves);
        return !isTooMuch;
    }

    /// <summary>Hands what waits to the socket, unless that is being done.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            _flushQueued = false;
            if (_isSending || _waitingCount == 0 || _closed is not null) return;
            TakeWaiting();
        }

        Send();
    }

    /// <summary>The pool comes to flush.</summary>
    void IThreadPoolWorkItem.Execute() => Flush();

    private void GiveUpReader()
    {
        LogUnread(Peer, WaitingBytes);
        Close(new IOException($"{Peer} does not read: {WaitingBytes} bytes wait for it."), abruptly: true);
    }

    private void SendSmall(FrameKind kind)
    {
        var frame = FrameWriter.Rent(kind);
        TrySend(frame, atOnce: false);
        frame.Return();
    }

    /// <summary>Under the lock.</summary>
    private Leaves Append(ReadOnlySpan<byte> frame, bool atOnce)
    {
        if (_waiting.Length - _waitingCount < frame.Length) Array.Resize(ref _waiting, Math.Max(_waiting.Length * 2, _waitingCount + frame.Length));
        frame.CopyTo(_waiting.AsSpan(_waitingCount));
        _waitingCount += frame.Length;
        _appended += frame.Length;
        if (_isSending) return Leaves.WithOthers;
        if (!atOnce && _waitingCount < FlushBytes) return Leaves.Soon;
        TakeWaiting();
        return Leaves.Now;
    }

    private void Leave(Leaves leaves)
    {
        if (leaves == Leaves.Now)
        {
            Send();
        }
        else if (leaves == Leaves.Soon)
        {
            FlushScope.TryDefer(this);

            // The scope's end may be far, if the work in it takes long or even waits for this very frame; then another thread of the pool sends.
            lock (_gate)
            {
                if (_flushQueued) return;
                _flushQueued = true;
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }

    /// <summary>Under the lock.</summary>
    private void TakeWaiting()
    {
        _isSending = true;
        (_outgoing, _waiting) = (_waiting, _outgoing);
        _outgoingCount = _waitingCount;
        _outgoingSent = 0;
        _waitingCount = 0;
        _handedOver = _appended;
        if (_waiting.Length > FlushBytes * 4) _waiting = new byte[BufferSize];
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a socket throws ends its connection.")]
    private void Send()
    {
        for (var sends = 1; ; sends++)
        {
            try
            {
                var slice = _outgoing.AsMemory(_outgoingSent, Math.Min(_outgoingCount - _outgoingSent, SliceBytes));
                _outgoingSent += slice.Length;
                _metrics.BytesSent.Add(slice.Length);
                _metrics.Sends.Add(1);
                _sending = _stream.WriteAsync(slice).ConfigureAwait(false).GetAwaiter();
                if (!_sending.IsCompleted)
                {
                    Volatile.Write(ref _sendingSinceMs, EngineClock.RealMs);
                    _sending.UnsafeOnCompleted(_onSent);
                    return;
                }

                _sending.GetResult();
            }
            catch (Exception exception)
            {
                Close(exception);
                return;
            }

            if (!TakeMore(sends)) return;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a socket throws ends its connection.")]
    private void OnSent()
    {
        Volatile.Write(ref _sendingSinceMs, 0);
        try
        {
            _sending.GetResult();
        }
        catch (Exception exception)
        {
            Close(exception);
            return;
        }

        if (TakeMore(0)) Send();
    }

    /// <summary>After a send: whether this thread goes on with what has come meanwhile.</summary>
    private bool TakeMore(int sends)
    {
        if (_outgoingSent < _outgoingCount) return true;
        bool isEmpty;
        lock (_gate)
        {
            isEmpty = _waitingCount == 0;
            if (_closed is null && !isEmpty && sends < SendsInARow)
            {
                TakeWaiting();
                return true;
            }

            _isSending = false;
            if (_closed is not null || (isEmpty ? !_endsSending : _flushQueued)) return false;
            if (!isEmpty) _flushQueued = true;
        }

        if (isEmpty) ShutDownSending();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return false;
    }
}
