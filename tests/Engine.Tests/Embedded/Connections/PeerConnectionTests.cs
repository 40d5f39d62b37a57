using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Messaging;
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

    [Fact]
    public async Task PeerThatDoesNotRead_IsGivenUp_BeforeMoreWaitsForItThanMay()
    {
        using var peer = new ListeningPeer();
        var (socket, _, _) = await ConnectionDialer.DialAsync(peer.Address.Endpoint, peer.Address, ListeningPeer.Silo(), CancellationToken.None).Soon();
        using var _1 = socket;
        var accepted = await peer.Connected.Soon();
        var most = 0;
        var sent = 0;
        while (sent < 10_000 && Send(accepted, 0, sent, 50_000, atOnce: false))
        {
            sent++;
            most = Math.Max(most, accepted.WaitingBytes);
        }

        Assert.InRange(most, peer.Settings.WaitingBytesMax, peer.Settings.WaitingBytesMax * 4);
        Assert.Contains("does not read", (await peer.Closed.Soon()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PeerThatSpeaksAndDoesNotRead_IsGivenUp()
    {
        using var peer = new ListeningPeer(change: settings => new ConnectionSettings
        {
            Self = settings.Self, ClusterId = settings.ClusterId, ServiceId = settings.ServiceId, Secret = settings.Secret, FrameMax = settings.FrameMax,
            WaitingBytesMax = 256 * 1024 * 1024, SilenceMax = TimeSpan.FromMilliseconds(600),
        });
        var (socket, stream, _) = await ConnectionDialer.DialAsync(peer.Address.Endpoint, peer.Address, ListeningPeer.Silo(), CancellationToken.None).Soon();
        using var _1 = socket;
        var accepted = await peer.Connected.Soon();

        // 64 MB: more than the system takes for a socket at both ends, so that the rest waits here, however slowly this thread gets on.
        for (var sent = 0; sent < 1_280; sent++) Assert.True(Send(accepted, 0, sent, 50_000, atOnce: false));
        await Eventually.HoldsAsync("it to be given up", async () =>
        {
            try
            {
                await stream.WriteAsync(new byte[] { 1, 0, 0, 0, (byte)FrameKind.Pong });
            }
            catch (IOException)
            {
                // It has been given up between the two looks.
            }

            return peer.Closed.IsCompleted;
        });
        Assert.Contains("has read nothing", (await peer.Closed.Soon()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesOfGrainTypes_AreRememberedUpToABound()
    {
        for (var i = 0; i < GrainTypeNames.NamesMax + 500; i++)
        {
            var name = $"a type that nobody has {i}";
            Assert.Equal(name, GrainTypeNames.Get(System.Text.Encoding.UTF8.GetBytes(name)).ToString());
        }

        Assert.Equal(GrainTypeNames.NamesMax, GrainTypeNames.Count);
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
