using System.Collections.ObjectModel;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Membership;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>
/// A cluster within the test's process: silos, each with a host of its own, and a client. One silo is alone and its client calls it without a connection. Several are
/// a cluster as in production, but for the membership, which is in memory: calls go over sockets at ports that the system chooses, killed silos are found by their
/// lease (2 seconds, heartbeat 100 ms, unless section <c>Cluster</c> of the hosts' configuration says otherwise).
/// </summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan StabilityTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StabilityPause = TimeSpan.FromMilliseconds(10);

    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly string _secret = Guid.NewGuid().ToString("N");
    private IHost? _clientHost;
    private short _instances;

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_silos) return _silos.Where(silo => silo.IsActive).ToList().AsReadOnly();
        }
    }

    /// <summary>How the cluster was made.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The client.</summary>
    public IClusterClient Client => _clientHost?.Services.GetRequiredService<IClusterClient>()
        ?? throw new InvalidOperationException("The client is not there yet: call DeployAsync first.");

    /// <summary>The services of a silo, of the first if none is named.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) => silo is null
        ? Silos[0].ServiceProvider
        : (GetSiloForAddress(silo) ?? throw new ArgumentException($"There is no silo {silo}.", nameof(silo))).ServiceProvider;

    /// <summary>Starts silos and client.</summary>
    public Task DeployAsync() => DeployAsync(CancellationToken.None);

    /// <summary>Starts silos and client.</summary>
    public async Task DeployAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Options.InitialSilosCount; i++) await StartSiloAsync(cancellationToken);
        if (IsClustered) await WaitForLivenessToStabilizeAsync();
        if (Options.InitializeClientOnDeploy) await InitializeClientAsync(cancellationToken);
    }

    /// <summary>The silos that run.</summary>
    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos;

    /// <summary>The silo with that address; null if it does not run.</summary>
    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) => Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    /// <summary>Waits until all silos agree on who is there.</summary>
    public async Task WaitForLivenessToStabilizeAsync(bool didKill = false)
    {
        if (!IsClustered) return;
        var started = TimeProvider.System.GetTimestamp();
        while (!IsStable())
        {
            if (TimeProvider.System.GetElapsedTime(started) > StabilityTimeout)
                throw new TimeoutException($"After {StabilityTimeout} the silos do not agree on who is there: {string.Join("; ", Memberships().Select(membership => Describe(membership.View)))}.");
            await Task.Delay(StabilityPause, TimeProvider.System);
        }
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync()
    {
        if (!IsClustered && Silos.Count > 0)
            throw new NotSupportedException("A cluster that is made with one silo is that silo alone: use InProcessTestClusterBuilder(2) or more for one that silos come to and go from.");
        var silo = await StartSiloAsync(CancellationToken.None);
        if (!IsClustered || _clientHost is null) await InitializeClientAsync();
        return silo;
    }

    /// <summary>Stops a silo gracefully: its grains are told.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(true);

    /// <summary>Stops a silo gracefully until the token is cancelled.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance, CancellationToken cancellationToken) => instance.StopSiloAsync(cancellationToken);

    /// <summary>Ends a silo as a crash would: its grains are not told and nothing more is sent.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(false);

    /// <summary>Ends a silo as a crash would: its grains are not told and nothing more is sent.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance, CancellationToken cancellationToken) => instance.StopSiloAsync(false);

    /// <summary>Stops a silo and starts another in its place, under its name.</summary>
    public async Task<InProcessSiloHandle> RestartSiloAsync(InProcessSiloHandle instance)
    {
        await instance.StopSiloAsync(true);
        var silo = await StartSiloAsync(CancellationToken.None, instance.Name);
        if (!IsClustered) await InitializeClientAsync();
        return silo;
    }

    /// <summary>Stops all silos.</summary>
    public async Task StopAllSilosAsync()
    {
        foreach (var silo in Silos) await silo.StopSiloAsync(true);
    }

    /// <summary>Stops the client.</summary>
    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref _clientHost, null) is not { } client) return;
        await client.StopAsync();
        client.Dispose();
    }

    /// <summary>Starts the client, in place of the one that there was.</summary>
    public Task InitializeClientAsync() => InitializeClientAsync(CancellationToken.None);

    /// <summary>Starts the client, in place of the one that there was.</summary>
    public async Task InitializeClientAsync(CancellationToken cancellationToken)
    {
        await StopClusterClientAsync();
        var builder = NewHost("TestClient");
        builder.UseOrleansClient(client =>
        {
            if (!IsClustered) client.Services.AddSingleton(new CoHostedSilo(Silos[0].ServiceProvider));
            else client.UseInMemoryClustering().Configure<ClusterOptions>(SetCluster);
        });
        foreach (var configure in Options.ClientHostConfigurationDelegates) configure(builder);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        _clientHost = host;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopClusterClientAsync();
        await StopAllSilosAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task<InProcessSiloHandle> StartSiloAsync(CancellationToken cancellationToken, string? name = null)
    {
        var number = _instances++;
        var silo = new InProcessTestSiloSpecificOptions { SiloName = name ?? (number == 0 ? "Primary" : $"Secondary_{number}") };
        var builder = NewHost(silo.SiloName);
        builder.UseOrleans(orleans =>
        {
            orleans.Configure<ClusterOptions>(SetCluster).Configure<SiloOptions>(options => options.SiloName = silo.SiloName);
            if (IsClustered) orleans.UseInMemoryClustering().Configure<EndpointOptions>(SetEndpoints);
        });
        foreach (var configure in Options.SiloHostConfigurationDelegates) configure(silo, builder);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        var handle = new InProcessSiloHandle
        {
            SiloHost = host,
            Name = silo.SiloName,
            InstanceNumber = number,
            SiloAddress = details.SiloAddress,
            GatewayAddress = details.GatewayAddress,
        };
        lock (_silos) _silos.Add(handle);
        return handle;
    }

    private bool IsClustered => Options.InitialSilosCount > 1;

    private void SetCluster(ClusterOptions options)
    {
        options.ClusterId = Options.ClusterId;
        options.ServiceId = Options.ServiceId;
    }

    private static void SetEndpoints(EndpointOptions options)
    {
        options.AdvertisedIPAddress = IPAddress.Loopback;
        options.SiloListeningEndpoint = options.GatewayListeningEndpoint = new IPEndPoint(IPAddress.Loopback, 0);
    }

    private IEnumerable<IMembership> Memberships()
    {
        foreach (var silo in Silos) yield return silo.ServiceProvider.GetRequiredService<IMembership>();
        if (_clientHost is { } client) yield return client.Services.GetRequiredService<IMembership>();
    }

    /// <summary>Everybody knows the same silos, all of them serve, and nobody has anything to hand over.</summary>
    private bool IsStable()
    {
        var expected = Silos.Select(silo => silo.SiloAddress).ToHashSet();
        return Memberships().All(membership => membership.View.Members is var members
            && members.All(member => member.Status == SiloStatus.Active && member.HandedOver >= membership.View.Version)
            && expected.SetEquals(members.Select(member => member.Address)));
    }

    private static string Describe(ClusterView view) =>
        $"view {view.Version}: {string.Join(", ", view.Members.Select(member => $"{member.Name} {member.Address} {member.Status}, handed over {member.HandedOver}"))}";

    private HostApplicationBuilder NewHost(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = name });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Cluster:Heartbeat"] = "00:00:00.100",
            ["Cluster:Lease"] = "00:00:02",
            ["Cluster:Secret"] = _secret,
        });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        return builder;
    }
}
