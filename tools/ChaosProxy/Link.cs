using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Warroom.Chaos;

/// <summary>One client's connection and the one to the server made for it. What is read goes through a queue, so that a delay holds back without slowing down.</summary>
internal sealed class Link(Socket client, IPEndPoint target, FaultSwitch faults, Chance chance, Counters counters, TimeProvider time) : IDisposable
{
    private const int PieceBytesMax = 16 * 1024;
    private const int PiecesMax = 256;

    // How much of the piece before is looked at again, so that a pattern is found that two pieces share.
    private const int OverlapBytes = 256;
    private readonly Socket _server = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _over = new();
    private readonly Channel<Piece> _up = Channel.CreateBounded<Piece>(PiecesMax);
    private readonly Channel<Piece> _down = Channel.CreateBounded<Piece>(PiecesMax);
    private HoldReply? _held;
    private long _bytesDown;
    private int _isReset;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        client.NoDelay = true;
        await EndsTogetherAsync(ConnectAsync(ended.Token));
        await Task.WhenAll(
            EndsTogetherAsync(ReadAsync(client, _up, up: true, ended.Token)),
            EndsTogetherAsync(WriteAsync(_up, _server, up: true, ended.Token)),
            EndsTogetherAsync(ReadAsync(_server, _down, up: false, ended.Token)),
            EndsTogetherAsync(WriteAsync(_down, client, up: false, ended.Token)));
        Dispose();
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
        _over.Dispose();
    }

    /// <summary>Breaks both connections at once.</summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref _isReset, 1) != 0)
            return;
        counters.Reset();
        Break();
    }

    /// <summary>Ends one way, as a program does that has nothing more to say; the other way goes on.</summary>
    public void HalfClose(Direction direction)
    {
        if (direction is Direction.C2s or Direction.Both)
            _up.Writer.TryComplete();
        if (direction is Direction.S2c or Direction.Both)
            _down.Writer.TryComplete();
    }

    /// <summary>Puts bytes that nobody sent between two pieces.</summary>
    public void Insert(Direction direction, int bytes)
    {
        foreach (var queue in new[] { (direction is Direction.C2s or Direction.Both, _up), (direction is Direction.S2c or Direction.Both, _down) }.Where(pair => pair.Item1).Select(pair => pair.Item2))
        {
            if (queue.Writer.TryWrite(new(chance.Bytes(bytes), time.GetTimestamp())))
                counters.Garbage(bytes);
        }
    }

    /// <summary>Closes a socket with a reset instead of an end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was gone already.
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken) => await _server.ConnectAsync(target, cancellationToken);

    // When one side is gone, so is the other, in the same abrupt way.
    private async Task EndsTogetherAsync(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Break();
        }
        catch (RegexMatchTimeoutException)
        {
            // Whether this was a piece to hold nobody knows; a link that goes on without having looked would spoil the test in silence.
            counters.SlowPattern();
            Break();
        }
    }

    private void Break()
    {
        Reset(client);
        Reset(_server);
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    private async Task ReadAsync(Socket source, Channel<Piece> queue, bool up, CancellationToken cancellationToken)
    {
        var way = up ? Direction.C2s : Direction.S2c;
        var buffer = new byte[OverlapBytes + PieceBytesMax];
        var overlap = 0;
        var due = time.GetTimestamp();
        while (true)
        {
            var count = await source.ReceiveAsync(buffer.AsMemory(overlap, PieceBytesMax), cancellationToken);
            if (count == 0)
            {
                queue.Writer.TryComplete();
                return;
            }

            await WhileBlackholedAsync(way, cancellationToken);
            var plan = faults.Plan;
            if (chance.Happens(plan.DropProbability) || IsBroken(buffer.AsSpan(0, overlap + count), up))
            {
                Reset();
                return;
            }

            var piece = buffer.AsSpan(overlap, count).ToArray();
            var kept = Math.Min(OverlapBytes, overlap + count);
            buffer.AsSpan(overlap + count - kept, kept).CopyTo(buffer);
            overlap = kept;
            if (!up && _held is not null)
            {
                // An answer that its client never gets.
                continue;
            }

            due = Math.Max(due, time.GetTimestamp() + Ticks(Math.Max(0, plan.DelayMs + chance.Around(plan.JitterMs)) / 1000.0));
            if (plan.BytesPerSecond > 0)
                due += Ticks((double)count / plan.BytesPerSecond);
            try
            {
                await queue.Writer.WriteAsync(new(piece, due), cancellationToken);
            }
            catch (ChannelClosedException)
            {
                // Half-closed on purpose: what still comes this way is nobody's.
                return;
            }
        }
    }

    private bool IsBroken(ReadOnlySpan<byte> seen, bool up)
    {
        if (up && _held is null && faults.ToHold(seen) is { } hold)
        {
            if (!hold.Forward)
            {
                counters.HeldBefore();
                return true;
            }

            _held = hold;
        }
        else if (!up && _held is not null && faults.IsReply(seen))
        {
            counters.HeldAfter();
            return true;
        }

        return false;
    }

    private async Task WriteAsync(Channel<Piece> queue, Socket sink, bool up, CancellationToken cancellationToken)
    {
        await foreach (var piece in queue.Reader.ReadAllAsync(cancellationToken))
        {
            var wait = time.GetElapsedTime(time.GetTimestamp(), piece.Due);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken);
            await WhileBlackholedAsync(up ? Direction.C2s : Direction.S2c, cancellationToken);
            var bytes = piece.Bytes.AsMemory();
            var plan = faults.Plan;
            var isLast = false;
            if (!up && plan.CutAfterBytes > 0 && _bytesDown + bytes.Length >= plan.CutAfterBytes)
            {
                bytes = bytes[..(int)Math.Max(0, plan.CutAfterBytes - _bytesDown)];
                isLast = true;
            }

            while (!bytes.IsEmpty)
            {
                var sent = await sink.SendAsync(bytes, cancellationToken);
                counters.Passed(up, sent);
                _bytesDown += up ? 0 : sent;
                bytes = bytes[sent..];
            }

            if (isLast)
            {
                // What was sent must arrive before the reset overtakes it: the end goes the orderly way to the client, and the server is reset.
                sink.Shutdown(SocketShutdown.Send);
                counters.Reset();
                Reset(_server);
                return;
            }
        }

        sink.Shutdown(SocketShutdown.Send);
    }

    private async Task WhileBlackholedAsync(Direction way, CancellationToken cancellationToken)
    {
        while (true)
        {
            // In this order: a plan that comes in between completes the task.
            var changed = faults.Changed;
            if (faults.Plan.Blackhole != way && faults.Plan.Blackhole != Direction.Both)
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private long Ticks(double seconds) => (long)(seconds * time.TimestampFrequency);

    private readonly record struct Piece(byte[] Bytes, long Due);
}
