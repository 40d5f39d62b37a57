using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Connections;

namespace Orleans.Embedded.Hosting;

/// <summary>
/// The ports of a silo in a cluster. They are taken as soon as the silo's address is asked for, because the port is part of it, also where the system chooses it:
/// with a silo port of 0, or a listening endpoint whose port is 0.
/// </summary>
internal sealed class SiloPorts : IDisposable
{
    public SiloPorts(IOptions<EndpointOptions> options)
    {
        var endpoint = options.Value;
        var address = endpoint.AdvertisedIPAddress ?? IPAddress.Loopback;
        Silos = new ConnectionListener(endpoint.SiloListeningEndpoint ?? new IPEndPoint(address, endpoint.SiloPort), PeerRole.Silo);
        SiloPort = endpoint.SiloPort == 0 || endpoint.SiloListeningEndpoint is { Port: 0 } ? Silos.Endpoint.Port : endpoint.SiloPort;
        if (endpoint.GatewayListeningEndpoint is null && endpoint.GatewayPort == 0) return;
        try
        {
            Clients = new ConnectionListener(endpoint.GatewayListeningEndpoint ?? new IPEndPoint(address, endpoint.GatewayPort), PeerRole.Client);
        }
        catch
        {
            Silos.Dispose();
            throw;
        }

        GatewayPort = endpoint.GatewayPort == 0 || endpoint.GatewayListeningEndpoint is { Port: 0 } ? Clients.Endpoint.Port : endpoint.GatewayPort;
    }

    public ConnectionListener Silos { get; }

    /// <summary>Null if clients cannot connect.</summary>
    public ConnectionListener? Clients { get; }

    public int SiloPort { get; }

    public int GatewayPort { get; }

    public void Dispose()
    {
        Silos.Dispose();
        Clients?.Dispose();
    }
}

/// <summary>Starts and ends the silo's connections.</summary>
internal sealed class SiloTransport(SiloRuntime runtime, SiloPorts ports) : ISiloTransport
{
    private ClusterNetwork Network => runtime.Network ?? throw new InvalidOperationException("The silo is in no cluster.");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Network.Start(ports.Clients is { } clients ? [(ports.Silos, PeerRole.Silo), (clients, PeerRole.Client)] : [(ports.Silos, PeerRole.Silo)]);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Network.StopAsync(cancellationToken);

    public void Kill() => Network.Kill();
}
