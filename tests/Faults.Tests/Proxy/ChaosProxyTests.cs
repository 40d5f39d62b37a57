using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

using Warroom.Faults.Harness;
using Warroom.Testing;

using Xunit;

namespace Warroom.Faults.Proxy;

/// <summary>The proxy does to a link what it is told, and nothing else.</summary>
public sealed class ChaosProxyTests : IAsyncLifetime
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private ChaosLink _link = null!;

    public async ValueTask InitializeAsync()
    {
        _server.Start();
        _link = await ChaosLink.StartAsync(((IPEndPoint)_server.LocalEndpoint).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        _server.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Healthy_passes_every_byte_both_ways_and_the_end()
    {
        using var pair = await ConnectAsync();
        var much = new byte[300_000];
        new Random(1).NextBytes(much);

        var sending = pair.Client.SendAsync(much);
        Assert.Equal(much, await ReadAsync(pair.Server, much.Length));
        await sending;
        await pair.Server.SendAsync("answer"u8.ToArray());
        pair.Server.Shutdown(SocketShutdown.Send);

        Assert.Equal("answer", Encoding.UTF8.GetString(await ReadAsync(pair.Client, 6)));
        Assert.Equal(0, await ReceiveAsync(pair.Client));
    }

    [Fact]
    public async Task Delay_holds_back_and_keeps_the_order()
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { delayMs = 150, jitterMs = 100 });

        var begin = Stopwatch.GetTimestamp();
        for (byte number = 0; number < 20; number++)
            await pair.Client.SendAsync(new[] { number });
        var got = await ReadAsync(pair.Server, 20);

        Assert.Equal(Enumerable.Range(0, 20).Select(number => (byte)number), got);
        Assert.True(Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Rate_bounds_the_bytes_a_second()
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { bytesPerSecond = 100_000 });

        var begin = Stopwatch.GetTimestamp();
        var sending = pair.Client.SendAsync(new byte[50_000]);
        await ReadAsync(pair.Server, 50_000);
        await sending;

        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0.4, 10);
    }

    [Theory]
    [InlineData("c2s")]
    [InlineData("s2c")]
    public async Task Blackhole_lets_one_way_arrive_and_the_other_only_after_it_is_healed(string direction)
    {
        using var pair = await ConnectAsync();
        var (silent, from, other, back) = direction == "c2s" ? (pair.Server, pair.Client, pair.Client, pair.Server) : (pair.Client, pair.Server, pair.Server, pair.Client);
        await _link.SetAsync(new { blackhole = direction });

        await from.SendAsync("late"u8.ToArray());
        await back.SendAsync("now"u8.ToArray());

        Assert.Equal("now", Encoding.UTF8.GetString(await ReadAsync(other, 3)));
        Assert.Equal(0, silent.Available);
        await _link.HealAsync();
        Assert.Equal("late", Encoding.UTF8.GetString(await ReadAsync(silent, 4)));
    }

    [Fact]
    public async Task Rst_resets_both_sides()
    {
        using var pair = await ConnectAsync();

        await _link.ResetAsync();

        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Client))).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Server))).SocketErrorCode);
        Assert.Equal(1, (await _link.StateAsync()).GetProperty("reset").GetInt64());
    }

    [Fact]
    public async Task A_server_that_resets_resets_the_client()
    {
        using var pair = await ConnectAsync();

        pair.Server.LingerState = new(enable: true, seconds: 0);
        pair.Server.Close();

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Client));
        await Eventually.HoldsAsync("the link to be gone", async () => (await _link.StateAsync()).GetProperty("open").GetInt32() == 0);
    }

    [Fact]
    public async Task Refuse_turns_new_clients_away_and_leaves_the_old()
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { refuse = true });

        using var late = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await late.ConnectAsync(IPAddress.Loopback, _link.Port);
            await ReceiveAsync(late);
        });
        await pair.Client.SendAsync("still"u8.ToArray());
        Assert.Equal("still", Encoding.UTF8.GetString(await ReadAsync(pair.Server, 5)));
    }

    [Fact]
    public async Task CutAfter_gives_the_client_so_many_bytes_and_then_the_end()
    {
        await _link.SetAsync(new { cutAfterBytes = 10 });
        using var pair = await ConnectAsync();

        await pair.Server.SendAsync("0123456789more"u8.ToArray());

        Assert.Equal("0123456789", Encoding.UTF8.GetString(await ReadAsync(pair.Client, 10)));
        Assert.Equal(0, await ReceiveAsync(pair.Client));
    }

    [Fact]
    public async Task Drop_breaks_a_connection()
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { dropProbability = 1 });

        await pair.Client.SendAsync("x"u8.ToArray());

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Server));
    }

    [Fact]
    public async Task Garbage_comes_between()
    {
        using var pair = await ConnectAsync();

        await _link.GarbageAsync("c2s", 100);

        Assert.Equal(100, (await ReadAsync(pair.Server, 100)).Length);
        Assert.Equal(100, (await _link.StateAsync()).GetProperty("garbageBytes").GetInt64());
    }

    [Fact]
    public async Task HalfClose_ends_one_way_and_leaves_the_other()
    {
        using var pair = await ConnectAsync();

        await _link.HalfCloseAsync("c2s");

        Assert.Equal(0, await ReceiveAsync(pair.Server));
        await pair.Server.SendAsync("answer"u8.ToArray());
        Assert.Equal("answer", Encoding.UTF8.GetString(await ReadAsync(pair.Client, 6)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HoldReply_breaks_the_connection_before_or_after_the_server_has_the_request(bool forward)
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { holdReply = new { request = "COM+IT", reply = "done$", forward, times = 1 } });
        await pair.Client.SendAsync("BEGIN;"u8.ToArray());
        Assert.Equal("BEGIN;", Encoding.UTF8.GetString(await ReadAsync(pair.Server, 6)));

        // In two pieces: the pattern is found across them.
        await pair.Client.SendAsync("COM"u8.ToArray());
        Assert.Equal("COM", Encoding.UTF8.GetString(await ReadAsync(pair.Server, 3)));
        await pair.Client.SendAsync("MIT;"u8.ToArray());
        if (forward)
        {
            Assert.Equal("MIT;", Encoding.UTF8.GetString(await ReadAsync(pair.Server, 4)));
            await pair.Server.SendAsync("do"u8.ToArray());
            await pair.Server.SendAsync("ne"u8.ToArray());
        }

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Client));
        var state = await _link.StateAsync();
        Assert.Equal((forward ? 0 : 1, forward ? 1 : 0), (state.GetProperty("heldBefore").GetInt32(), state.GetProperty("heldAfter").GetInt32()));

        // Once was asked for.
        using var next = await ConnectAsync();
        await next.Client.SendAsync("COMMIT;"u8.ToArray());
        Assert.Equal("COMMIT;", Encoding.UTF8.GetString(await ReadAsync(next.Server, 7)));
    }

    [Fact]
    public async Task A_pattern_that_takes_too_long_breaks_the_connection_and_is_counted()
    {
        using var pair = await ConnectAsync();
        await _link.SetAsync(new { holdReply = new { request = "(a+)+b", reply = "$" } });
        await pair.Client.SendAsync(Encoding.ASCII.GetBytes(new string('a', 64)));

        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Client));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Server));
        Assert.Equal(1, (await _link.StateAsync()).GetProperty("slowPatterns").GetInt32());
    }

    [Fact]
    public async Task A_plan_that_makes_no_sense_is_refused()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => _link.SetAsync(new { delayMs = -1 }));
        await Assert.ThrowsAsync<HttpRequestException>(() => _link.SetAsync(new { holdReply = new { request = "(" } }));
        await Assert.ThrowsAsync<HttpRequestException>(() => _link.SetAsync(new { dealyMs = 5 }));
    }

    private static async Task<int> ReceiveAsync(Socket socket) => await Eventually.CompletesAsync("something to arrive", socket.ReceiveAsync(new byte[1024], SocketFlags.None));

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var got = await Eventually.CompletesAsync($"byte {read} of {count}", socket.ReceiveAsync(bytes.AsMemory(read), SocketFlags.None).AsTask());
            Assert.True(got > 0, $"The connection ended after {read} of {count} bytes.");
            read += got;
        }

        return bytes;
    }

    private async Task<Pair> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, _link.Port);
        return new(client, await Eventually.CompletesAsync("the proxy to connect", _server.AcceptSocketAsync()));
    }

    private sealed record Pair(Socket Client, Socket Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
