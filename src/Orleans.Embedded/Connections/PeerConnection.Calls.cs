using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Connections;

// Calls that went out wait here for their answers; calls that came in are known here while they can be cancelled.
internal sealed partial class PeerConnection : IRequestHolder, IWatched
{
    private readonly PendingCalls _pending = new();
    private readonly Dictionary<long, GrainRequest> _cancellable = [];
    private readonly Dictionary<long, SequencePump> _pumps = [];
    private readonly TaskCompletionSource _leavingNoted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inboundCount;
    private bool _watched;
    private bool _peerLeaves;

    /// <summary>How many calls wait for answers.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>How many calls of the peer are being worked on.</summary>
    public int InboundCount => Volatile.Read(ref _inboundCount);

    /// <summary>Whether new calls may go this way.</summary>
    public bool TakesCalls => !IsClosed && !Volatile.Read(ref _peerLeaves);

    /// <summary>Whether the peer has said that it leaves, in order.</summary>
    public bool PeerLeaves => Volatile.Read(ref _peerLeaves);

    /// <summary>Completes when the peer sends no new calls.</summary>
    public Task LeavingNoted => _leavingNoted.Task;

    private RemoteCalls Calls => _calls ?? throw new InvalidOperationException("This connection carries no calls.");

    /// <summary>Sends a call. False if the connection takes none any more: then the call was certainly not sent.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What cannot be written is the answer to the call.")]
    public bool TrySendCall(GrainRequest request)
    {
        if (!TakesCalls) return false;
        var frame = FrameWriter.Rent(FrameKind.Call);
        try
        {
            Calls.WriteCall(frame, request);
            if (frame.Length - sizeof(int) > _settings.FrameMax)
                throw new LimitExceededException("bytes of a call", frame.Length, _settings.FrameMax, $"Cluster:FrameMax, for {request}");
        }
        catch (Exception exception)
        {
            frame.Return();
            request.Fail(exception);
            return true;
        }

        var leaves = Leaves.WithOthers;
        var watch = false;
        var full = false;
        lock (_gate)
        {
            if (_closed is not null || _peerLeaves)
            {
                frame.Return();
                return false;
            }

            full = _waitingCount + frame.Length > _settings.WaitingBytesMax;
            if (!full)
            {
                var isOnlyOne = _pending.Count == 0 && !request.IsOneWay;
                request.Holder = this;
                request.IsTakenBack = false;
                if (!request.IsOneWay)
                {
                    var id = _pending.Add(request, _appended + frame.Length);
                    BinaryPrimitives.WriteInt64LittleEndian(frame.Finish()[FrameWriter.HeaderSize..], id);
                    if (request is IGrainSequence sequence) sequence.RemoteId = id;
                    if (!_watched) _watched = watch = true;
                }

                leaves = Append(frame.Finish(), isOnlyOne);
            }
        }

        frame.Return();
        if (watch) Calls.Watch.Add(this);
        if (full) request.Fail(new LimitExceededException("bytes that wait to be sent", _waitingCount, _settings.WaitingBytesMax, $"to {Peer}"));
        Leave(leaves);
        return true;
    }

    /// <summary>Adds the calls that wait for answers to a list.</summary>
    public void CopyPendingTo(List<GrainRequest> calls)
    {
        lock (_gate) _pending.CopyTo(calls);
    }

    /// <summary>The caller waits no more: forgets the call and tells the peer.</summary>
    public void CancelRunning(GrainRequest request)
    {
        long id;
        lock (_gate)
        {
            id = _pending.IdOf(request);
            if (id == 0) return;

            // A sequence that has begun ends when the grain says so.
            if (request is not IGrainSequence || !request.Started) _pending.Take(id);
        }

        SendNumber(FrameKind.Cancel, id, 0);
    }

    void IRequestHolder.Finished(GrainRequest request) => throw new InvalidOperationException($"{request} runs in another process.");

    public bool CheckDeadlines(long now)
    {
        List<(long Id, GrainRequest Request)>? late;
        bool watch;
        lock (_gate)
        {
            late = _pending.TakeLate(now);
            watch = _watched = _pending.Count > 0;
        }

        if (late is null) return watch;
        foreach (var (id, request) in late)
        {
            Calls.OnTimedOut();
            request.Fail(new TimeoutException($"Response did not arrive on time for {request} (it was sent to {Peer})."));
            if (request is IGrainSequence || (request.IsCancellable && Calls.CancelOnTimeout)) SendNumber(FrameKind.Cancel, id, 0);
        }

        return watch;
    }

    /// <summary>An answer has arrived; on the reading thread.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What cannot be read is the answer to the call.")]
    public void OnAnswer(ReadOnlySpan<byte> content)
    {
        var reader = new FrameReader(content);
        var id = reader.ReadInt64();
        var status = (AnswerStatus)reader.ReadByte();
        GrainRequest? request;
        lock (_gate)
        {
            request = _pending.Find(id);
            if (request is null) return;
            if (request is IGrainSequence && status == AnswerStatus.Result && !request.IsAnswered) request.Started = true;
            else _pending.Take(id);
        }

        if (request.IsAnswered) return;
        switch (status)
        {
            case AnswerStatus.Result:
                try
                {
                    request.ReadResult(Calls.Serializer, reader.Rest);
                }
                catch (Exception exception)
                {
                    request.Failure = exception;
                }

                break;
            case AnswerStatus.Failure:
                try
                {
                    request.Failure = Calls.Serializer.ReadException(reader.Rest);
                }
                catch (WireFormatException exception)
                {
                    request.Failure = exception;
                }

                break;
            case AnswerStatus.NotBegun:
                Calls.OnNotBegun(request, this);
                return;
            default:
                request.Failure = new WireFormatException($"An answer has the unknown status {(byte)status}.");
                break;
        }

        if (!WorkBatch.TryCollect(request)) ThreadPool.UnsafeQueueUserWorkItem(request, preferLocal: true);
    }

    /// <summary>A call has come in that will be answered.</summary>
    public void BeginInbound(GrainRequest request, long id)
    {
        Interlocked.Increment(ref _inboundCount);
        if (!request.IsCancellable && request is not IGrainSequence) return;
        lock (_gate)
        {
            if (_closed is null) _cancellable[id] = request;
        }
    }

    /// <summary>The caller waits no more.</summary>
    public void OnCancel(ReadOnlySpan<byte> content)
    {
        var id = new FrameReader(content).ReadInt64();
        GrainRequest? request;
        SequencePump? pump;
        lock (_gate)
        {
            _cancellable.Remove(id, out request);
            _pumps.TryGetValue(id, out pump);
        }

        if (pump is not null) pump.Stop();
        else if (request is not null) CancelInbound(request);
    }

    /// <summary>Sends how a call has ended.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The caller is told that its answer cannot be sent.")]
    public void SendAnswer(InboundCall call, GrainRequest request)
    {
        var frame = FrameWriter.Rent(FrameKind.Answer);
        frame.WriteInt64(call.Id);
        var start = frame.Length;
        var failure = request.Failure;
        try
        {
            frame.WriteByte((byte)(failure is null ? AnswerStatus.Result : AnswerStatus.Failure));
            if (failure is not null) Calls.Serializer.WriteException(frame, failure);
            else request.WriteResult(Calls.Serializer, frame);

            // No LimitExceededException: that says of a call that it did not run.
            if (frame.Length - sizeof(int) > _settings.FrameMax)
                throw new OrleansException($"{request} was executed, but its answer of {frame.Length} bytes cannot be sent: at most {_settings.FrameMax} are allowed (Cluster:FrameMax).");
            if (frame.Length > SmallFrame && WaitingBytes + (long)frame.Length > _settings.WaitingBytesMax * 2L)
                throw new SiloUnavailableException($"The answer of {request} was not sent, because {WaitingBytes} bytes wait already for {Peer} to read: the call may have been executed.");
        }
        catch (Exception exception)
        {
            failure = exception;
            frame.Truncate(start);
            frame.WriteByte((byte)AnswerStatus.Failure);
            Calls.Serializer.WriteException(frame, exception);
        }

        // Known before the answer leaves, so that a cancellation finds it; its items come behind the answer.
        var pump = failure is null && request is IGrainSequence sequence ? AddPump(call, sequence) : null;
        SendLast(call, request, frame);
        pump?.Start();
    }

    /// <summary>Sends that a call was not begun here.</summary>
    public void SendRefusal(InboundCall call, GrainRequest request, Exception reason)
    {
        var frame = FrameWriter.Rent(FrameKind.Answer);
        frame.WriteInt64(call.Id);
        frame.WriteByte((byte)AnswerStatus.NotBegun);
        frame.WriteText(reason.Message);
        SendLast(call, request, frame);
    }

    /// <summary>An answer to a call that was never made a request: nobody has counted it.</summary>
    public void SendFailure(long id, Exception failure)
    {
        var frame = FrameWriter.Rent(FrameKind.Answer);
        frame.WriteInt64(id);
        frame.WriteByte((byte)AnswerStatus.Failure);
        Calls.Serializer.WriteException(frame, failure);
        TrySend(frame, atOnce: false);
        frame.Return();
    }

    /// <summary>Tells the peer that the caller has room for more items.</summary>
    public void SendCredit(IGrainSequence sequence, int count) => SendNumber(FrameKind.Credit, sequence.RemoteId, (ulong)count);

    public void OnItems(ReadOnlySpan<byte> content)
    {
        var reader = new FrameReader(content);
        if (FindSequence(reader.ReadInt64()) is not { } sequence) return;
        while (!reader.Rest.IsEmpty)
        {
            var item = reader.ReadBytes(reader.ReadInt32());
            if (!sequence.TryReadItem(Calls.Serializer, item)) return;
        }
    }

    public void OnItemsEnd(ReadOnlySpan<byte> content)
    {
        var reader = new FrameReader(content);
        GrainRequest? request;
        lock (_gate) request = _pending.Take(reader.ReadInt64());
        Exception? failure = null;
        try
        {
            if ((AnswerStatus)reader.ReadByte() == AnswerStatus.Failure) failure = Calls.Serializer.ReadException(reader.Rest);
        }
        catch (WireFormatException exception)
        {
            failure = exception;
        }

        if (request is not IGrainSequence sequence) return;
        sequence.Complete(failure);
        if (!request.Started) request.Fail(failure ?? new WireFormatException($"The items of {request} ended before it was answered."));
    }

    public void OnCredit(ReadOnlySpan<byte> content)
    {
        var reader = new FrameReader(content);
        SequencePump? pump;
        lock (_gate) _pumps.TryGetValue(reader.ReadInt64(), out pump);
        pump?.Credit((int)Math.Min(reader.ReadVarint(), IGrainSequence.ItemsAhead));
    }

    public void ForgetPump(long id)
    {
        lock (_gate) _pumps.Remove(id);
    }

    /// <summary>Asks the peer for no new calls; see <see cref="LeavingNoted"/>.</summary>
    public void SendLeaving() => SendSmall(FrameKind.Leaving);

    public void OnPeerLeaves()
    {
        // Under the lock, so that every call sent so far is in front of the note.
        lock (_gate) Volatile.Write(ref _peerLeaves, true);
        SendSmall(FrameKind.LeavingNoted);
    }

    public void OnLeavingNoted() => _leavingNoted.TrySetResult();

    /// <summary>After the end: calls that were certainly not sent are routed again; the others may have been executed.</summary>
    private void EndCalls(Exception reason)
    {
        _leavingNoted.TrySetResult();
        if (_calls is null) return;
        List<(long Position, GrainRequest Request)> pending;
        List<GrainRequest> inbound;
        List<SequencePump> pumps;
        long handedOver;
        lock (_gate)
        {
            pending = _pending.TakeAll();
            handedOver = _handedOver;
            inbound = [.. _cancellable.Values];
            _cancellable.Clear();
            pumps = [.. _pumps.Values];
            _pumps.Clear();
        }

        foreach (var pump in pumps) pump.Abandon();
        foreach (var request in inbound) CancelInbound(request);
        foreach (var (position, request) in pending)
        {
            if (request.IsAnswered)
            {
                (request as IGrainSequence)?.Complete(Lost(request, reason));
            }
            else if (position > handedOver)
            {
                request.Holder = null;
                Calls.RouteAgain(request);
            }
            else
            {
                request.Fail(Lost(request, reason));
            }
        }
    }

    private SiloUnavailableException Lost(GrainRequest request, Exception reason) =>
        new($"The connection to {Peer} was lost before the answer of {request} came: the call may have been executed. {reason.Message}", reason);

    private void CancelInbound(GrainRequest request)
    {
        // Dropped if it waits: nobody wants the answer.
        if (request.TryClaimAnswer()) Interlocked.Decrement(ref _inboundCount);
        request.Holder?.CancelRunning(request);
    }

    private SequencePump AddPump(InboundCall call, IGrainSequence sequence)
    {
        var pump = new SequencePump(this, call.Id, sequence, Calls.Serializer, _settings.FrameMax);
        bool abandoned;
        lock (_gate)
        {
            abandoned = _closed is not null;
            if (!abandoned) _pumps[call.Id] = pump;
        }

        if (abandoned) pump.Abandon();
        return pump;
    }

    private IGrainSequence? FindSequence(long id)
    {
        lock (_gate) return _pending.Find(id) as IGrainSequence;
    }

    private void SendLast(InboundCall call, GrainRequest request, FrameWriter frame)
    {
        if (request.IsCancellable || request is IGrainSequence)
        {
            lock (_gate) _cancellable.Remove(call.Id);
        }

        // Counted down when it is on its way: whoever stops waits for that.
        TrySend(frame, atOnce: InboundCount == 1);
        frame.Return();
        Interlocked.Decrement(ref _inboundCount);
    }

    private void SendNumber(FrameKind kind, long id, ulong value)
    {
        var frame = FrameWriter.Rent(kind);
        frame.WriteInt64(id);
        frame.WriteVarint(value);
        TrySend(frame, atOnce: false);
        frame.Return();
    }
}

/// <summary>How a call ended.</summary>
internal enum AnswerStatus : byte
{
    Result = 0,

    Failure = 1,

    /// <summary>It was not begun; another silo may have to do it.</summary>
    NotBegun = 2,
}
