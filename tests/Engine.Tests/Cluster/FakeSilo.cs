using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Embedded;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Membership;
using Orleans.TestingHost;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>A member of a test cluster that owns grains and serves none: nobody can connect to it, or it takes connections and never reads from them.</summary>
internal sealed class FakeSilo : IAsyncDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(50);

    private readonly InMemoryMembershipStore _store;
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<IDisposable> _taken = [];
    private Task _beating = Task.CompletedTask;

    private FakeSilo(InMemoryMembershipStore store, SiloAddress address)
    {
        _store = store;
        Address = address;
    }

    public SiloAddress Address { get; }

    public static async Task<FakeSilo> JoinAsync(InProcessTestCluster cluster, bool takesConnections)
    {
        var silos = new ConnectionListener(new IPEndPoint(IPAddress.Loopback, 0), PeerRole.Silo);
        var clients = new ConnectionListener(new IPEndPoint(IPAddress.Loopback, 0), PeerRole.Client);
        var store = new InMemoryMembershipStore(cluster.Options.ClusterId, cluster.Options.ServiceId, TimeSpan.FromHours(1), TimeProvider.System);
        var fake = new FakeSilo(store, SiloAddress.New(silos.Endpoint, 1));
        var gatewayPort = clients.Endpoint.Port;
        if (takesConnections) fake.Take(cluster, silos, clients);
        else (silos as IDisposable).Dispose();
        if (!takesConnections) clients.Dispose();
        await store.JoinAsync(new JoiningMember(fake.Address, fake._incarnation, "fake", gatewayPort), CancellationToken.None);
        var table = await store.SetStatusAsync(fake._incarnation, SiloStatus.Active, CancellationToken.None);
        fake._beating = fake.BeatAsync();
        var client = cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>();
        await Eventually.HoldsAsync("the client to know it", () => client.Services.GetRequiredService<IMembership>().View.Version >= table.Version);
        return fake;
    }

    /// <summary>It is declared dead, and its connections end.</summary>
    public async Task DieAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        await _store.SetStatusAsync(_incarnation, SiloStatus.Dead, CancellationToken.None);
        foreach (var taken in _taken) taken.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested) await DieAsync();
        _stop.Dispose();
    }

    private void Take(InProcessTestCluster cluster, ConnectionListener silos, ConnectionListener clients)
    {
        var services = cluster.Silos[0].ServiceProvider;
        var theirs = services.GetRequiredService<SiloRuntime>().Network!.Settings;
        var settings = new ConnectionSettings
        {
            Self = PeerIdentity.OfSilo(Address), ClusterId = theirs.ClusterId, ServiceId = theirs.ServiceId, Secret = theirs.Secret, FrameMax = theirs.FrameMax,
            WaitingBytesMax = theirs.WaitingBytesMax, SilenceMax = theirs.SilenceMax,
        };
        var metrics = new ConnectionMetrics(services.GetRequiredService<IMeterFactory>(), () => 0, () => 0);
        foreach (var listener in new[] { silos, clients })
        {
            _taken.Add(listener);
            listener.Start(settings, metrics, (_, stream, _) => _taken.Add(stream), NullLogger.Instance);
        }
    }

    /// <summary>It keeps its lease and holds nobody up: it says that it has handed over whatever it is asked to.</summary>
    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Heartbeat);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var table = await _store.BeatAsync(_incarnation, CancellationToken.None);
                if (table.Find(_incarnation)?.HandedOver < table.Version) await _store.ReportHandedOverAsync(_incarnation, table.Version, [], CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // It dies.
        }
    }
}
