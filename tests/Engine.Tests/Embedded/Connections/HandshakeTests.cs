using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Orleans.Configuration;
using Orleans.Embedded.Connections;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Embedded.Connections;

/// <summary>Who may connect, and what becomes of those who may not.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task SameSecret_BothSidesKnowEachOther()
    {
        using var peer = new ListeningPeer();
        var settings = ListeningPeer.Silo();
        var dialled = await peer.DialAsync(settings).Soon();
        var accepted = await peer.Connected.Soon();
        Assert.Equal(settings.Self, accepted.Peer);
        Assert.Equal(peer.Address, dialled.Peer.Address);
        Assert.Equal(0, peer.Metrics.Refusals);
        dialled.Close(new IOException("done"));
        await peer.Closed.Soon();
    }

    [Theory]
    [InlineData("another secret here", "cluster", "WrongSecret")]
    [InlineData("", "cluster", "WrongSecret")]
    [InlineData("a secret of the tests", "another cluster", "OtherCluster")]
    internal async Task Stranger_IsRefusedWithTheReasonAndCounted(string secret, string clusterId, string reason)
    {
        using var peer = new ListeningPeer();
        var refusal = await Assert.ThrowsAsync<HandshakeException>(() => peer.DialAsync(ListeningPeer.Silo(secret, clusterId)).Soon());
        Assert.Equal(reason, refusal.Reason.ToString());
        Assert.False(refusal.IsOurs);
        await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == 1);
        Assert.False(peer.Connected.IsCompleted);
    }

    [Fact]
    public async Task ListenerWithAnotherSecret_IsNotBelieved()
    {
        // Its secret is wrong, but it says welcome whatever the proof: only the dialler's own check is left.
        using var impostor = new Socket(SocketType.Stream, ProtocolType.Tcp);
        impostor.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        impostor.Listen();
        var address = SiloAddress.New((IPEndPoint)impostor.LocalEndPoint!, 1);
        var settings = ListeningPeer.Silo();
        var dial = ConnectionDialer.DialAsync(address.Endpoint, address, settings, CancellationToken.None);
        using var accepted = await impostor.AcceptAsync();
        await ReadFrameAsync(accepted);
        var challenge = FrameWriter.Rent(FrameKind.Challenge);
        challenge.WriteVarint(ConnectionSettings.Version);
        challenge.WriteText(settings.ClusterId);
        challenge.WriteText(settings.ServiceId);
        challenge.WriteText(address.ToParsableString());
        challenge.WriteBytes(new byte[32]);
        var bytes = challenge.Finish().ToArray();
        challenge.Return();
        await accepted.SendAsync(bytes);
        await ReadFrameAsync(accepted);
        var welcome = FrameWriter.Rent(FrameKind.Welcome);
        welcome.WriteBytes(new byte[32]);
        bytes = welcome.Finish().ToArray();
        welcome.Return();
        await accepted.SendAsync(bytes);
        var refusal = await Assert.ThrowsAsync<HandshakeException>(() => dial.Soon());
        Assert.Equal(RefusalReason.WrongSecret, refusal.Reason);
        Assert.True(refusal.IsOurs);
    }

    [Fact]
    public async Task ClientAtThePortForSilos_IsRefused()
    {
        using var peer = new ListeningPeer();
        var refusal = await Assert.ThrowsAsync<HandshakeException>(() => peer.DialAsync(ListeningPeer.Client()).Soon());
        Assert.Equal(RefusalReason.WrongPort, refusal.Reason);
    }

    [Fact]
    public async Task AnotherLifeOfTheSilo_IsRefused()
    {
        using var peer = new ListeningPeer();
        var earlier = SiloAddress.New(peer.Address.Endpoint, peer.Address.Generation - 1);
        var refusal = await Assert.ThrowsAsync<HandshakeException>(
            () => ConnectionDialer.DialAsync(earlier.Endpoint, earlier, ListeningPeer.Silo(), CancellationToken.None).Soon());
        Assert.Equal(RefusalReason.OtherSilo, refusal.Reason);
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A0D0A")] // GET / HTTP/1.1
    [InlineData("0500000063DEADBEEF00")] // a frame of no known kind
    [InlineData("060000000100000000EE")] // a hello without the right beginning
    [InlineData("FFFFFF7F01")] // two gigabytes
    [InlineData("00000000")] // nothing in it
    internal async Task Garbage_IsDroppedWithoutAnAnswerAndCounted(string hex)
    {
        using var peer = new ListeningPeer();
        using var socket = await peer.ConnectBareAsync();
        await socket.SendAsync(Convert.FromHexString(hex));
        if (hex.Length < 10) await socket.SendAsync(new byte[1]);
        var answer = new byte[100];
        int count;
        try
        {
            count = await socket.ReceiveAsync(answer).Soon();
        }
        catch (SocketException)
        {
            count = 0;
        }

        Assert.Equal(0, count);
        await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == 1);

        // The listener is there for others.
        (await peer.DialAsync(ListeningPeer.Silo()).Soon()).Close(new IOException("done"));
    }

    [Fact]
    public async Task WhoSaysNothing_IsDropped()
    {
        using var peer = new ListeningPeer(change: settings => new ConnectionSettings
        {
            Self = settings.Self, ClusterId = settings.ClusterId, ServiceId = settings.ServiceId, Secret = settings.Secret, FrameMax = settings.FrameMax,
            WaitingBytesMax = settings.WaitingBytesMax, SilenceMax = settings.SilenceMax, HandshakeTimeout = TimeSpan.FromMilliseconds(50),
        });
        using var socket = await peer.ConnectBareAsync();
        Assert.True(await ReadsEndAsync(socket).Soon());
        await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == 1);
    }

    [Fact]
    public async Task MoreStrangersThanAllowed_AreDroppedAtOnce()
    {
        using var peer = new ListeningPeer(change: settings => new ConnectionSettings
        {
            Self = settings.Self, ClusterId = settings.ClusterId, ServiceId = settings.ServiceId, Secret = settings.Secret, FrameMax = settings.FrameMax,
            WaitingBytesMax = settings.WaitingBytesMax, SilenceMax = settings.SilenceMax, StrangersMax = 2,
        });
        using var first = await peer.ConnectBareAsync();
        using var second = await peer.ConnectBareAsync();
        using var third = await peer.ConnectBareAsync();
        Assert.True(await ReadsEndAsync(third).Soon());
        Assert.Equal(1, peer.Metrics.Refusals);
    }

    [Fact]
    public async Task OversizedFrameAfterTheHandshake_EndsTheConnectionAndIsCounted()
    {
        using var peer = new ListeningPeer();
        var settings = ListeningPeer.Silo();
        var (socket, stream, _) = await ConnectionDialer.DialAsync(peer.Address.Endpoint, peer.Address, settings, CancellationToken.None).Soon();
        using var _1 = socket;
        var header = new byte[5];
        BinaryPrimitives.WriteInt32LittleEndian(header, settings.FrameMax + 1);
        await stream.WriteAsync(header);
        Assert.Contains("FrameMax", (await peer.Closed.Soon()).Message);
        Assert.Equal(1, peer.Metrics.Refusals);
    }

    [Fact]
    public async Task Tls_WithTheClustersAuthority_Connects_AndWithAnotherIsRefused()
    {
        using var authority = TestCertificates.NewAuthority("the cluster's");
        using var foreign = TestCertificates.NewAuthority("another's");
        var tls = new TlsSettings(TestCertificates.Issue(authority), [authority], "silo.warroom");
        using var peer = new ListeningPeer(change: settings => ListeningPeer.NewSettings(settings.Self, tls: tls));
        var connection = await peer.DialAsync(ListeningPeer.Silo(tls: tls)).Soon();
        Assert.Equal(peer.Address, connection.Peer.Address);
        connection.Close(new IOException("done"));

        // It does not accept the listener's certificate; and where it does, the listener does not accept its.
        var foreigner = TestCertificates.Issue(foreign);
        foreach (var (authorities, text) in new[] { (new X509Certificate2Collection(foreign), "Its certificate is not accepted here"), (new X509Certificate2Collection(authority), "it may not accept this process's certificate") })
        {
            var refusals = peer.Metrics.Refusals;
            var refused = await Assert.ThrowsAsync<HandshakeException>(() => peer.DialAsync(ListeningPeer.Silo(tls: new TlsSettings(foreigner, authorities, "silo.warroom"))).Soon());
            Assert.Equal(RefusalReason.Tls, refused.Reason);
            Assert.Contains(text, refused.Message, StringComparison.Ordinal);
            await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == refusals + 1);
        }
    }

    [Fact]
    public async Task Tls_CertificateOfAnIntermediateAuthority_IsAcceptedWithWhatLeadsToTheClusters()
    {
        using var authority = TestCertificates.NewAuthority("the cluster's");
        using var intermediate = TestCertificates.NewAuthority("the site's", authority);
        using var peer = new ListeningPeer(change: settings => ListeningPeer.NewSettings(settings.Self, tls: new TlsSettings(TestCertificates.Issue(intermediate), [authority], "silo.warroom", [intermediate])));
        var connection = await peer.DialAsync(ListeningPeer.Silo(tls: new TlsSettings(TestCertificates.Issue(authority), [authority], "silo.warroom"))).Soon();
        Assert.Equal("Tls13", connection.Encryption);
        connection.Close(new IOException("done"));
        await Assert.ThrowsAsync<HandshakeException>(
            () => peer.DialAsync(ListeningPeer.Silo(tls: new TlsSettings(TestCertificates.Issue(authority), [authority], "another.name"))).Soon());
    }

    [Fact]
    public async Task Tls_PlainStranger_IsRefused()
    {
        using var authority = TestCertificates.NewAuthority("the cluster's");
        using var peer = new ListeningPeer(change: settings => ListeningPeer.NewSettings(settings.Self, tls: new TlsSettings(TestCertificates.Issue(authority), [authority], "silo.warroom")));
        var refusal = await Assert.ThrowsAsync<HandshakeException>(() => peer.DialAsync(ListeningPeer.Silo()).Soon());
        Assert.Equal((RefusalReason.Tls, false), (refusal.Reason, refusal.IsOurs));
        Assert.Contains("does not use TLS", refusal.Message, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == 1);
    }

    [Fact]
    public async Task Tls_StrangerAtAPlainListener_IsRefused()
    {
        using var authority = TestCertificates.NewAuthority("the cluster's");
        using var peer = new ListeningPeer();
        var refusal = await Assert.ThrowsAsync<HandshakeException>(() => peer.DialAsync(ListeningPeer.Silo(tls: new TlsSettings(TestCertificates.Issue(authority), [authority], "silo.warroom"))).Soon());
        Assert.Equal(RefusalReason.Tls, refusal.Reason);
        Assert.Contains("may not use TLS", refusal.Message, StringComparison.Ordinal);
        await Eventually.HoldsAsync("the refusal to be counted", () => peer.Metrics.Refusals == 1);
    }

    [Fact]
    public void Tls_CertificateAndKeyFromFiles()
    {
        using var files = new TestCertificates("the cluster's");
        var loaded = TlsSettings.Load(files.Options("silo"));
        Assert.True(loaded.Certificate.HasPrivateKey);
        Assert.Equal(files.Authority.Thumbprint, Assert.Single(loaded.Authorities!).Thumbprint);
        Assert.Empty(loaded.Intermediates!);
        var indirect = TlsSettings.Load(files.Options("other silo", throughIntermediate: true));
        Assert.Equal("CN=the cluster's site authority", Assert.Single(indirect.Intermediates!).Subject);
    }

    [Fact]
    public void Tls_FilesThatOthersWouldNotAccept_AreRefusedAtTheStart()
    {
        using var files = new TestCertificates("the cluster's");
        using var others = new TestCertificates("another's");
        var options = files.Options("silo");
        Assert.Contains("would not be accepted", Refusal(new() { Certificate = options.Certificate, Key = options.Key, Authority = others.Options("x").Authority }), StringComparison.Ordinal);
        Assert.Contains("\"elsewhere\"", Refusal(new() { Certificate = options.Certificate, Key = options.Key, Authority = options.Authority, TargetHost = "elsewhere" }), StringComparison.Ordinal);
        Assert.Contains("missing.crt", Refusal(new() { Certificate = "missing.crt" }), StringComparison.Ordinal);
        Assert.Contains("cannot be used", Refusal(new() { Certificate = options.Certificate, Key = options.Authority, Authority = options.Authority }), StringComparison.Ordinal);

        static string Refusal(EmbeddedTlsOptions options) => Assert.Throws<OrleansConfigurationException>(() => TlsSettings.Load(options)).Message;
    }

    private static async Task<bool> ReadsEndAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task ReadFrameAsync(Socket socket)
    {
        var header = new byte[4];
        await socket.ReceiveAsync(header);
        await socket.ReceiveAsync(new byte[BinaryPrimitives.ReadInt32LittleEndian(header)]);
    }
}
