using System.Buffers;
using System.IO.Pipelines;

namespace Warroom.Simulation;

/// <summary>The body of a streamed response: paced by the clock, cut or split where a fault asks for it.</summary>
internal sealed class SimBody(HttpContext http, long? cutAfterBytes, bool split, TimeProvider time)
{
    private const int LinesUnflushedMax = 64;
    private static readonly byte[] Filler = [.. Enumerable.Repeat((byte)'a', 64 * 1024)];
    private readonly PipeWriter _body = http.Response.BodyWriter;
    private long _written;
    private int _unflushed;

    /// <summary>
    /// Waits until token number <paramref name="index"/> is due. What is due together leaves in one write, as it does on a busy server;
    /// a flush each some lines lets the client's backpressure be felt.
    /// </summary>
    public async ValueTask PaceAsync(long start, int index, double tokensPerSecond, CancellationToken cancellationToken)
    {
        var wait = tokensPerSecond <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(index / tokensPerSecond) - time.GetElapsedTime(start);
        if (wait > TimeSpan.Zero || _unflushed >= LinesUnflushedMax)
            await FlushAsync(cancellationToken);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    /// <summary>Writes one line; true when the connection was cut in it.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        if (cutAfterBytes is { } limit && _written + line.Length > limit)
        {
            _body.Write(line.Span[..(int)(limit - _written)]);
            await CutAsync(cancellationToken);
            return true;
        }

        _written += line.Length;
        _unflushed++;
        if (split)
            await WriteSplitAsync(line, cancellationToken);
        else
            _body.Write(line.Span);
        return false;
    }

    /// <summary>Sends what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _body.FlushAsync(cancellationToken);
        _unflushed = 0;
    }

    /// <summary>Sends what was written and aborts the connection, so that the client never sees the end of the body.</summary>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        http.Abort();
    }

    /// <summary>One line of about that many bytes: an object whose content does not want to end.</summary>
    public async Task WriteGiantAsync(long bytes, CancellationToken cancellationToken)
    {
        _body.Write("{\"model\":\"sim:small\",\"message\":{\"role\":\"assistant\",\"content\":\""u8);
        for (var left = bytes; left > 0; left -= Filler.Length)
        {
            _body.Write(Filler.AsSpan(0, (int)Math.Min(left, Filler.Length)));
            await FlushAsync(cancellationToken);
        }

        _body.Write("\"},\"done\":false}\n"u8);
    }

    /// <summary>A pause after the first byte of each character that has several.</summary>
    private async Task WriteSplitAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        var from = 0;
        for (var at = 0; at < line.Length; at++)
        {
            if (line.Span[at] < 0xC0)
                continue;
            _body.Write(line.Span[from..(at + 1)]);
            await SettleAsync(cancellationToken);
            from = at + 1;
        }

        _body.Write(line.Span[from..]);
    }

    // A flush ends when the server's pipe has the bytes, not when the socket has them, and an abort throws away what the socket has not.
    // Nothing tells when that is, so this one pause is in real time, whatever clock the simulation runs on.
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
    }
}
