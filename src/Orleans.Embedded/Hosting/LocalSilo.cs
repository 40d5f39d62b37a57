using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>What a silo knows of itself.</summary>
internal sealed class LocalSilo : ILocalSiloDetails
{
    private static readonly DateTimeOffset Epoch = new(2022, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static int s_lastGeneration;

    public LocalSilo(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoint, SiloPorts? ports = null)
    {
        Name = silo.Value.SiloName ?? $"Silo_{Guid.NewGuid().ToString("N")[..5]}";
        ClusterId = cluster.Value.ClusterId;
        var address = endpoint.Value.AdvertisedIPAddress ?? IPAddress.Loopback;
        var generation = NextGeneration();
        SiloAddress = SiloAddress.New(address, ports?.SiloPort ?? endpoint.Value.SiloPort, generation);
        GatewayAddress = SiloAddress.New(address, ports?.GatewayPort ?? endpoint.Value.GatewayPort, 0);
    }

    public string Name { get; }

    public string ClusterId { get; }

    public string DnsHostName => Dns.GetHostName();

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }

    /// <summary>Seconds since 2022; silos of one process that start within the same second still differ.</summary>
    private static int NextGeneration()
    {
        var now = (int)(TimeProvider.System.GetUtcNow() - Epoch).TotalSeconds;
        while (true)
        {
            var last = Volatile.Read(ref s_lastGeneration);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref s_lastGeneration, next, last) == last) return next;
        }
    }
}
