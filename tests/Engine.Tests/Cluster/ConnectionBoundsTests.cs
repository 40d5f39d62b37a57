using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Hosting;
using Orleans.TestingHost;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>What waits for other processes is bounded by number, bytes and time; whoever reaches a bound is told, and others do not notice.</summary>
public sealed class ConnectionBoundsTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    private readonly NotedLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Calls_ToASiloThatDoesNotRead_AreRefusedFromABoundOn_AndOthersAreServed()
    {
        await using var cluster = await StartAsync();
        var others = await ThreeSilos.OneInEachAsync(cluster, this.Key());
        await using var deaf = await FakeSilo.JoinAsync(cluster, takesConnections: true);
        var network = NetworkOfClient(cluster);
        var there = GrainsOf(deaf, cluster, 1)[0];
        var calls = new List<Task>();
        var most = 0;
        while (calls.Count < 2_000 && !calls.Exists(call => call.IsFaulted))
        {
            calls.Add(there.Big(new byte[50_000], 1));
            most = Math.Max(most, network.LinkTo(deaf.Address)?.Connection?.WaitingBytes ?? 0);
        }

        Assert.InRange(most, 1, network.Settings.WaitingBytesMax);
        foreach (var other in others.Where(grain => !deaf.Address.Equals(Owner(cluster, grain)))) Assert.Equal("served", await other.Echo("served").Soon());
        await deaf.DieAsync();
        var ends = await Task.WhenAll(calls.Select(call => EndOf(call).Soon()));
        Assert.Contains(ends, end => end is LimitExceededException && end.Message.Contains("bytes that wait to be sent", StringComparison.Ordinal));

        // Those that may have been begun say so; those that certainly were not have an owner that does them.
        Assert.Contains(ends, end => end is SiloUnavailableException && end.Message.Contains("may have been executed", StringComparison.Ordinal));
        Assert.All(ends, end => Assert.True(end is null or LimitExceededException or SiloUnavailableException, $"{end}"));
        Assert.Equal(0, network.PendingCount);
        Assert.Equal("served", await there.Echo("served").Soon());
    }

    [Fact]
    public async Task Answers_ForAClientThatDoesNotRead_AreDroppedFromABoundOn_AndItIsGivenUp()
    {
        await using var cluster = await StartAsync();
        var grain = (await ThreeSilos.OneInEachAsync(cluster, this.Key()))[0];
        using var client = await BareClient.ConnectAsync(cluster, cluster.Silos[0]);
        const int Calls = 600;
        for (var n = 1; n <= Calls; n++) await client.SendAsync(cluster, grain, (here) => here.Big([1], 50_000), id: n);
        var network = cluster.Silos[0].ServiceProvider.GetRequiredService<SiloRuntime>().Network!;
        var connection = network.Client(client.ProcessId)!;
        await Eventually.HoldsAsync("all calls to be answered", () => connection.InboundCount == 0 && connection.WaitingBytes > network.Settings.WaitingBytesMax);
        Assert.InRange(connection.WaitingBytes, 1, (network.Settings.WaitingBytesMax * 2) + (Calls * 1024));
        Assert.Equal("served", await grain.Echo("served").Soon());

        // It says that it is there, and is given up all the same.
        await Eventually.HoldsAsync("the client to be given up", async () =>
        {
            await client.TryPingAsync();
            return connection.IsClosed;
        });
        Assert.Contains(_logs.Lines, line => line.Contains("has read nothing", StringComparison.Ordinal));
        Assert.Equal("served", await grain.Echo("served").Soon());
    }

    [Fact]
    public async Task Calls_ToASiloThatIsSilent_AreEndedLongBeforeItsLease()
    {
        await using var cluster = await StartAsync();
        await using var deaf = await FakeSilo.JoinAsync(cluster, takesConnections: true);
        var there = GrainsOf(deaf, cluster, 1)[0];
        await Eventually.HoldsAsync("a connection", () => NetworkOfClient(cluster).LinkTo(deaf.Address)?.Connection is not null);
        var started = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<SiloUnavailableException>(() => there.Echo("nobody").Soon());
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Lease * 0.9);
        Assert.Contains("may have been executed", failure.Message, StringComparison.Ordinal);
        Assert.Contains("was silent", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(NetworkOfClient(cluster).LinkTo(deaf.Address));
    }

    [Fact]
    public async Task Call_ThatIsNotAnswered_EndsWithItsDeadline_WhereItWasMade()
    {
        await using var cluster = await StartAsync();
        await using var deaf = await FakeSilo.JoinAsync(cluster, takesConnections: true);
        var there = GrainsOf(deaf, cluster, 1)[0];
        await Eventually.HoldsAsync("a connection", () => NetworkOfClient(cluster).LinkTo(deaf.Address)?.Connection is not null);

        // Half a second; a silo that lives would say the same by itself.
        var late = await Assert.ThrowsAsync<TimeoutException>(() => there.Never().Soon());
        Assert.Contains("it was sent to", late.Message, StringComparison.Ordinal);
        Assert.Equal(0, NetworkOfClient(cluster).PendingCount);
    }

    [Fact]
    public async Task Calls_ToASiloThatCannotBeReached_WaitUpToABound_AndGoToTheNextOwner()
    {
        await using var cluster = await StartAsync();
        await using var unreachable = await FakeSilo.JoinAsync(cluster, takesConnections: false);
        var there = GrainsOf(unreachable, cluster, 20);

        // One whose time is up is told why.
        var late = await Assert.ThrowsAsync<SiloUnavailableException>(() => there[0].Never().Soon());
        Assert.Contains("could not be reached in time", late.Message, StringComparison.Ordinal);

        var calls = Enumerable.Range(0, 10_000).Select(n => there[n % there.Count].Echo($"{n}")).ToList();
        var refusal = await Assert.ThrowsAsync<LimitExceededException>(() => there[0].Echo("one too many").Soon());
        Assert.Contains("calls that wait for a connection", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        await unreachable.DieAsync();
        var answers = await Task.WhenAll(calls).Soon();
        Assert.Equal(Enumerable.Range(0, 10_000).Select(n => $"{n}"), answers);
    }

    [Fact]
    public async Task Calls_WithoutAnySilo_WaitUpToABoundAndTheirDeadline()
    {
        await using var cluster = await StartAsync(responseTimeout: TimeSpan.FromSeconds(5));
        var client = cluster.Client;
        await cluster.StopAllSilosAsync();
        var router = NetworkOfClient(cluster).Router;
        await Eventually.HoldsAsync("the client to know that nobody is there", () => cluster.Client.ServiceProvider.GetRequiredService<IMembership>().View.Members.IsEmpty);
        await client.GetGrain<IPlaceGrain>($"{this.Key()} hint").Hint("nobody answers for it");
        var calls = Enumerable.Range(0, 9_999).Select(n => client.GetGrain<IPlaceGrain>($"{this.Key()} {n % 100}").Echo("nobody")).ToList();
        var refusal = await Assert.ThrowsAsync<LimitExceededException>(() => client.GetGrain<IPlaceGrain>(this.Key()).Echo("one too many").Soon());
        Assert.Contains("calls that wait for their grain's silo", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10_000, router.WaitingCount);
        var ends = await Task.WhenAll(calls.Select(call => EndOf(call).Soon()));
        Assert.All(ends, end => Assert.Contains("no silo is active", Assert.IsType<TimeoutException>(end).Message, StringComparison.Ordinal));

        // The one that nobody waits for does not wait for ever either.
        await Eventually.HoldsAsync("the room to be empty", () => router.WaitingCount == 0);
    }

    [Fact]
    public async Task Call_HandedOnTooOften_IsGivenBack()
    {
        await using var cluster = await StartAsync();
        var grains = await ThreeSilos.OneInEachAsync(cluster, this.Key());
        using var client = await BareClient.ConnectAsync(cluster, cluster.Silos[0]);
        await client.SendAsync(cluster, grains[1], grain => grain.Echo("once"), id: 1, detours: 1);
        Assert.Equal(AnswerStatus.Result, (await client.AnswerAsync().Soon()).Status);
        await client.SendAsync(cluster, grains[1], grain => grain.Echo("twice"), id: 2, detours: 2);
        var (status, text) = await client.AnswerAsync().Soon();
        Assert.Equal(AnswerStatus.NotBegun, status);
        Assert.Contains("handed on 2 times already", text, StringComparison.Ordinal);
    }

    private async Task<InProcessTestCluster> StartAsync(TimeSpan? responseTimeout = null)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureHost(host =>
        {
            // Frames of 64 KiB, and so 512 KiB that may wait.
            host.Configuration.AddInMemoryCollection([new("Cluster:Lease", $"{Lease}"), new("Cluster:FrameMax", $"{64 * 1024}")]);
            host.Services.AddSingleton<ILoggerProvider>(_logs);
        });
        if (responseTimeout is { } timeout) builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = timeout));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static ClusterNetwork NetworkOfClient(InProcessTestCluster cluster) => cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>().Network;

    private static SiloAddress? Owner(InProcessTestCluster cluster, IPlaceGrain grain) =>
        cluster.Client.ServiceProvider.GetRequiredService<IGrainPlacement>().Locate(grain.GetGrainId());

    private static List<IPlaceGrain> GrainsOf(FakeSilo silo, InProcessTestCluster cluster, int count) =>
        [.. Enumerable.Range(0, 10_000).Select(i => cluster.Client.GetGrain<IPlaceGrain>($"{silo.Address} {i}")).Where(grain => silo.Address.Equals(Owner(cluster, grain))).Take(count)];

    private static async Task<Exception?> EndOf(Task call)
    {
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return call.Exception?.InnerException;
    }

    /// <summary>A client by the protocol alone: it reads when it is told to.</summary>
    private sealed class BareClient : IDisposable
    {
        private readonly Socket _socket;
        private readonly Stream _stream;

        private BareClient(Socket socket, Stream stream, string processId)
        {
            _socket = socket;
            _stream = stream;
            ProcessId = processId;
        }

        public string ProcessId { get; }

        public static async Task<BareClient> ConnectAsync(InProcessTestCluster cluster, InProcessSiloHandle silo)
        {
            var theirs = NetworkOfClient(cluster).Settings;
            var settings = new ConnectionSettings
            {
                Self = PeerIdentity.NewClient(), ClusterId = theirs.ClusterId, ServiceId = theirs.ServiceId, Secret = theirs.Secret, FrameMax = theirs.FrameMax,
                WaitingBytesMax = theirs.WaitingBytesMax, SilenceMax = theirs.SilenceMax,
            };
            var gateway = new IPEndPoint(silo.SiloAddress.Endpoint.Address, silo.GatewayAddress.Endpoint.Port);
            var (socket, stream, _) = await ConnectionDialer.DialAsync(gateway, silo.SiloAddress, settings, CancellationToken.None).Soon();
            var network = silo.ServiceProvider.GetRequiredService<SiloRuntime>().Network!;
            await Eventually.HoldsAsync("the silo to know the client", () => network.Client(settings.Self.ProcessId) is not null);
            return new BareClient(socket, stream, settings.Self.ProcessId);
        }

        /// <summary>Sends a call as the cluster's client would write it.</summary>
        public async Task SendAsync(InProcessTestCluster cluster, IPlaceGrain grain, Func<IPlaceGrain, Task> call, long id, byte detours = 0)
        {
            var runtime = cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>();
            var capture = new Capture();
            var reference = cluster.Client.GetGrain<IPlaceGrain>(grain.GetPrimaryKeyString());
            ((GrainReference)(object)reference).Target = capture;
            _ = call(reference);
            var calls = new RemoteCalls(runtime, new WireSerializer(runtime.Grains, () => runtime.Factory), runtime.Services.GetRequiredService<IMembership>(), runtime.Network.Router);
            var frame = FrameWriter.Rent(FrameKind.Call);
            calls.WriteCall(frame, capture.Request!);
            var bytes = frame.Finish().ToArray();
            frame.Return();
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(FrameWriter.HeaderSize), id);
            bytes[FrameWriter.HeaderSize + sizeof(long) + 1] = detours;
            await _stream.WriteAsync(bytes);
        }

        public async Task TryPingAsync()
        {
            try
            {
                await _stream.WriteAsync(new byte[] { 1, 0, 0, 0, (byte)FrameKind.Pong });
            }
            catch (IOException)
            {
                // The silo has given this client up.
            }
        }

        /// <summary>Reads up to the next answer.</summary>
        public async Task<(AnswerStatus Status, string Text)> AnswerAsync()
        {
            while (true)
            {
                var header = new byte[FrameWriter.HeaderSize];
                await _stream.ReadExactlyAsync(header);
                var content = new byte[BinaryPrimitives.ReadInt32LittleEndian(header) - 1];
                await _stream.ReadExactlyAsync(content);
                if (header[^1] != (byte)FrameKind.Answer) continue;
                var status = (AnswerStatus)content[sizeof(long)];
                return (status, status == AnswerStatus.NotBegun ? System.Text.Encoding.UTF8.GetString(content.AsSpan(sizeof(long) + 2)) : "");
            }
        }

        public void Dispose() => _socket.Dispose();

        private sealed class Capture : ICallTarget
        {
            public GrainRequest? Request { get; private set; }

            public bool TryAccept(GrainRequest request)
            {
                Request = request;
                return true;
            }
        }
    }
}
