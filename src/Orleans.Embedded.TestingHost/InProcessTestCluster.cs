using System.Collections.ObjectModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Embedded.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A cluster within the test's process: silos, each with a host of its own, and a client.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly List<InProcessSiloHandle> _silos = [];
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
        if (Options.InitialSilosCount != 1) throw SeveralSilos();
        await StartSiloAsync(cancellationToken);
        if (Options.InitializeClientOnDeploy) await InitializeClientAsync(cancellationToken);
    }

    /// <summary>The silos that run.</summary>
    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos;

    /// <summary>The silo with that address; null if it does not run.</summary>
    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) => Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(siloAddress));

    /// <summary>Waits until all silos agree on who is there.</summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => Task.CompletedTask;

    /// <summary>Starts one more silo.</summary>
    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync()
    {
        if (Silos.Count > 0) throw SeveralSilos();
        var silo = await StartSiloAsync(CancellationToken.None);
        await InitializeClientAsync();
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
        await InitializeClientAsync();
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
        foreach (var configure in Options.ClientHostConfigurationDelegates) configure(builder);
        builder.UseOrleansClient(client => client.Services.AddSingleton(new CoHostedSilo(Silos[0].ServiceProvider)));
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
        builder.UseOrleans(orleans => orleans
            .Configure<ClusterOptions>(options =>
            {
                options.ClusterId = Options.ClusterId;
                options.ServiceId = Options.ServiceId;
            })
            .Configure<SiloOptions>(options => options.SiloName = silo.SiloName));
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

    private static HostApplicationBuilder NewHost(string name)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = name });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        return builder;
    }

    private static NotSupportedException SeveralSilos() => new(
        "The embedded engine runs one silo so far: several silos in one cluster come with the next issue. Use InProcessTestClusterBuilder(1).");
}
