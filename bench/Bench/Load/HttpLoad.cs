using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Warroom.Bench.Load;

/// <summary>What a run of requests came to.</summary>
internal sealed record HttpResult(long Requests, long Failures, double Seconds, Samples Latencies)
{
    public double PerSecond => Requests / Seconds;
}

/// <summary>POSTs small JSON bodies over kept-alive HTTP/1.1 connections, one request at a time on each, bare sockets: the load must not take the cores that it measures.</summary>
internal static class HttpLoad
{
    /// <param name="server">Where to.</param>
    /// <param name="connections">How many at once.</param>
    /// <param name="duration">How long it is measured.</param>
    /// <param name="request">Path and body of the n-th request of a connection.</param>
    public static async Task<HttpResult> PostAsync(Uri server, int connections, TimeSpan duration, Func<int, long, (string Path, string Body)> request)
    {
        var latencies = new Samples(connections);
        long requests = 0, failures = 0;
        var begun = Stopwatch.GetTimestamp();
        var end = begun + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            var buffer = new byte[64 * 1024];
            for (long n = 0; Stopwatch.GetTimestamp() < end; n++)
            {
                var (path, body) = request(connection, n);
                var length = Encoding.UTF8.GetByteCount(body);
                var text = $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nContent-Type: application/json\r\nIdempotency-Key: {Guid.CreateVersion7()}\r\nContent-Length: {length}\r\n\r\n{body}";
                var sent = Encoding.UTF8.GetBytes(text, buffer);
                var started = Stopwatch.GetTimestamp();
                await socket.SendAsync(buffer.AsMemory(0, sent));
                var status = await ReadResponseAsync(socket, buffer);
                latencies.Add(Stopwatch.GetTimestamp() - started, connection);
                Interlocked.Increment(ref requests);
                if (status is < 200 or > 299)
                    Interlocked.Increment(ref failures);
            }
        })));
        return new HttpResult(requests, failures, Stopwatch.GetElapsedTime(begun).TotalSeconds, latencies);
    }

    private static async Task<int> ReadResponseAsync(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (read == 0)
                throw new IOException("The server closed the connection.");
            filled += read;
            var head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (head < 0)
                continue;
            if (!Utf8Parser.TryParse(buffer.AsSpan(9, 3), out int status, out _))
                throw new IOException("The answer is not HTTP.");
            var at = buffer.AsSpan(0, head).IndexOf("Content-Length: "u8);
            if (at >= 0)
            {
                if (Utf8Parser.TryParse(buffer.AsSpan(at + 16), out int length, out _) && filled >= head + 4 + length)
                    return status;
            }
            else if (buffer.AsSpan(head, filled - head).EndsWith("0\r\n\r\n"u8))
            {
                return status;
            }
        }
    }
}
