using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Orleans.Embedded.Connections;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Connections;

/// <summary>Frames over a real socket.</summary>
public sealed class PeerConnectionTests
{
    [Fact]
    public async Task FramesOfAllSizes_FromManyThreads_ArriveWholeAndInTheOrderOfEachSender()
    {
        const int Threads = 4;
        const int Each = 3_000;
        using var peer = new ListeningPeer();
        var connection = await peer.DialAsync(ListeningPeer.Silo()).Soon();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            for (var n = 0; n < Each; n++)
            {
                while (connection.WaitingBytes > 512 * 1024) await Task.Yield();
                Assert.True(Send(connection, thread, n, n % 61 == 0 ? 50_000 : n % 300, atOnce: n % 7 == 0));
            }
        }))).Soon();
        await Eventually.HoldsAsync("all frames", () => peer.Frames.Count == Threads * Each);
        var next = new int[Threads];
        foreach (var (kind, content) in peer.Frames)
        {
            Assert.Equal(FrameKind.Call, kind);
            var thread = BinaryPrimitives.ReadInt32LittleEndian(content);
            var n = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(4));
            Assert.Equal(next[thread]++, n);
            Assert.All(content.AsSpan(8).ToArray(), value => Assert.Equal((byte)n, value));
        }

        connection.Close(new IOException("done"));
    }

    [Fact]
    public async Task Closed_TakesNothingMore()
    {
        using var peer = new ListeningPeer();
        var connection = await peer.DialAsync(ListeningPeer.Silo()).Soon();
        connection.Close(new IOException("done"));
        Assert.False(Send(connection, 0, 0, 10, atOnce: true));
        await peer.Closed.Soon();
    }

    [Fact]
    public async Task ClosedAbruptly_IsAResetForTheOther()
    {
        using var peer = new ListeningPeer();
        var connection = await peer.DialAsync(ListeningPeer.Silo()).Soon();
        await peer.Connected.Soon();
        connection.Close(new IOException("killed"), abruptly: true);
        var reset = Assert.IsType<IOException>(await peer.Closed.Soon());
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(reset.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task SilentPeer_IsGivenUp()
    {
        using var peer = new ListeningPeer(change: settings => new ConnectionSettings
        {
            Self = settings.Self, ClusterId = settings.ClusterId, ServiceId = settings.ServiceId, Secret = settings.Secret, FrameMax = settings.FrameMax,
            WaitingBytesMax = settings.WaitingBytesMax, SilenceMax = TimeSpan.FromMilliseconds(200),
        });

        // It shakes hands and then answers no ping.
        var (socket, _, _) = await ConnectionDialer.DialAsync(peer.Address.Endpoint, peer.Address, ListeningPeer.Silo(), CancellationToken.None).Soon();
        Assert.Contains("silent", (await peer.Closed.Soon()).Message);
        socket.Dispose();
    }

    [Fact]
    public async Task IdlePeer_IsKept()
    {
        using var peer = new ListeningPeer(change: settings => new ConnectionSettings
        {
            Self = settings.Self, ClusterId = settings.ClusterId, ServiceId = settings.ServiceId, Secret = settings.Secret, FrameMax = settings.FrameMax,
            WaitingBytesMax = settings.WaitingBytesMax, SilenceMax = TimeSpan.FromMilliseconds(400),
        });
        var connection = await peer.DialAsync(ListeningPeer.Silo()).Soon();
        var before = peer.Metrics.BytesReceived.Value;
        await Eventually.HoldsAsync("pings over three times the silence", () => peer.Metrics.BytesReceived.Value - before >= 5 * 2 * 12);
        Assert.False(connection.IsClosed);
        Assert.False(peer.Closed.IsCompleted);
        connection.Close(new IOException("done"));
    }

    private static bool Send(PeerConnection connection, int thread, int n, int size, bool atOnce)
    {
        var frame = FrameWriter.Rent(FrameKind.Call);
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(head, thread);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], n);
        frame.WriteBytes(head);
        var body = new byte[size];
        Array.Fill(body, (byte)n);
        frame.WriteBytes(body);
        var sent = connection.TrySend(frame, atOnce);
        frame.Return();
        return sent;
    }
}
