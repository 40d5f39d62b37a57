using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Serialization.Wire;

namespace Orleans.Embedded.Connections;

// One thread at a time reads. When nothing more is there, the next reading is begun first, and then this thread does the work that came of what it
// has read: so nothing that work does, not even waiting for an answer over this very connection, keeps the connection from being read.
internal sealed partial class PeerConnection
{
    private const int ReadSize = 64 * 1024;

    /// <summary>After so many readings in a row the work that they gave comes first.</summary>
    private const int ReadsInARow = 8;

    private readonly Action _onReceived;
    private byte[] _input = new byte[ReadSize];
    private int _inputStart;
    private int _inputEnd;
    private long _heardMs;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _reading;

    private void Receive()
    {
        var batch = WorkBatch.Begin();
        try
        {
            ReadWhatIsThere(batch);
        }
        finally
        {
            WorkBatch.EndCollecting();
        }

        batch.Run();
    }

    private void OnReceived()
    {
        var batch = WorkBatch.Begin();
        try
        {
            if (TakeRead()) ReadWhatIsThere(batch);
        }
        finally
        {
            WorkBatch.EndCollecting();
        }

        batch.Run();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a socket throws ends its connection.")]
    private void ReadWhatIsThere(WorkBatch batch)
    {
        for (var reads = 0; ; reads++)
        {
            if (reads >= ReadsInARow && batch.Count > 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static self => self.Receive(), this, preferLocal: false);
                return;
            }

            try
            {
                _reading = _stream.ReadAsync(_input.AsMemory(_inputEnd)).ConfigureAwait(false).GetAwaiter();
            }
            catch (Exception exception)
            {
                Close(exception);
                return;
            }

            if (!_reading.IsCompleted)
            {
                WorkBatch.EndCollecting();
                _reading.UnsafeOnCompleted(_onReceived);
                return;
            }

            if (!TakeRead()) return;
        }
    }

    /// <summary>Handles what a reading has brought; false when the connection has ended.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a socket throws, or a frame makes its owner throw, ends the connection.")]
    private bool TakeRead()
    {
        int count;
        try
        {
            count = _reading.GetResult();
        }
        catch (Exception exception)
        {
            Close(exception);
            return false;
        }

        if (count == 0)
        {
            Close(new IOException($"{Peer} closed the connection."));
            return false;
        }

        _inputEnd += count;
        _metrics.BytesReceived.Add(count);
        Volatile.Write(ref _heardMs, EngineClock.RealMs);
        try
        {
            HandleFrames();
            return true;
        }
        catch (Exception exception)
        {
            LogGarbage(Peer, exception);
            Close(exception, abruptly: true);
            return false;
        }
    }

    private void HandleFrames()
    {
        while (_inputEnd - _inputStart >= sizeof(int))
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(_input.AsSpan(_inputStart));
            if (length < 1 || length > _settings.FrameMax)
            {
                _metrics.OnRefused(length < 1 ? RefusalReason.Garbage : RefusalReason.Oversized);
                throw new WireFormatException($"A frame would have {length} bytes; 1 to {_settings.FrameMax} are allowed (Cluster:FrameMax).");
            }

            if (_inputEnd - _inputStart < sizeof(int) + length)
            {
                MakeRoom(sizeof(int) + length);
                return;
            }

            var kind = (FrameKind)_input[_inputStart + sizeof(int)];
            var content = _input.AsSpan(_inputStart + FrameWriter.HeaderSize, length - 1);
            _inputStart += sizeof(int) + length;
            Handle(kind, content);
        }

        MakeRoom(sizeof(int));
    }

    private void Handle(FrameKind kind, ReadOnlySpan<byte> content)
    {
        switch (kind)
        {
            case FrameKind.Ping:
                SendSmall(FrameKind.Pong);
                break;
            case FrameKind.Pong:
                break;
            default:
                _owner.OnFrame(this, kind, content);
                break;
        }
    }

    /// <summary>Makes room for a frame that is there in part, or for the next ones.</summary>
    private void MakeRoom(int frame)
    {
        var rest = _inputEnd - _inputStart;
        if (rest == 0)
        {
            _inputStart = _inputEnd = 0;
            if (_input.Length > ReadSize * 4) _input = new byte[ReadSize];
            return;
        }

        if (frame <= _input.Length && _inputStart + frame <= _input.Length && _input.Length - _inputEnd >= ReadSize / 4) return;
        var target = frame <= _input.Length ? _input : new byte[Math.Max(frame, ReadSize)];
        Buffer.BlockCopy(_input, _inputStart, target, 0, rest);
        _input = target;
        _inputStart = 0;
        _inputEnd = rest;
    }
}
