using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;
using Orleans.Hosting;

namespace Warroom.Engine.Tests.Membership;

/// <summary>A silo in a host of its own, as a member of a cluster.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public SiloRuntime Runtime => Services.GetRequiredService<SiloRuntime>();

    public SiloAddress Address => Runtime.Address;

    public ClusterView View => Services.GetRequiredService<IMembership>().View;

    public IGrainPlacement Placement => Services.GetRequiredService<IGrainPlacement>();

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public IHostApplicationLifetime Lifetime => Services.GetRequiredService<IHostApplicationLifetime>();

    public static Task<TestSilo> StartAsync(string clusterId, Action<ISiloBuilder> configure, string serviceId = "service", params (string Key, string Value)[] settings) =>
        StartAtAsync(FreePort(), clusterId, configure, serviceId, settings);

    /// <summary>Starts a silo at that port.</summary>
    public static async Task<TestSilo> StartAtAsync(int port, string clusterId, Action<ISiloBuilder> configure, string serviceId = "service", params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.UseOrleans(silo =>
        {
            silo.ConfigureEndpoints(IPAddress.Loopback, port, FreePort());
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId));
            silo.Configure<EmbeddedClusterOptions>(options =>
            {
                options.Heartbeat = TimeSpan.FromMilliseconds(100);
                options.Lease = TimeSpan.FromMilliseconds(1500);
                options.JoinTimeout = TimeSpan.FromSeconds(2);
            });
            configure(silo);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return new TestSilo(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public static Task<TestSilo> StartInMemoryAsync(string clusterId) => StartAsync(clusterId, silo => silo.UseInMemoryClustering());

    public Task StopAsync() => _host.StopAsync();

    public void Kill() => Services.GetRequiredService<ISiloKill>().Kill();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else _host.Dispose();
    }

    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
