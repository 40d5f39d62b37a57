using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Hosting;

/// <summary>Starts a client's connections with its host, and waits until there is one; ends them with the host.</summary>
internal sealed class ClientTransport(
    ClientRuntime runtime, IMembership membership, IOptions<ClusterOptions> cluster, IOptions<EmbeddedClusterOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        runtime.Network.Start();
        try
        {
            await runtime.Network.Connected.WaitAsync(options.Value.JoinTimeout, cancellationToken);
        }
        catch (TimeoutException late)
        {
            var why = Explain();
            runtime.Network.Kill();
            throw new SiloUnavailableException(
                $"No silo of cluster \"{cluster.Value.ClusterId}\" could be reached within {options.Value.JoinTimeout} (Cluster:JoinTimeout): {why}.", late);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => runtime.Network.StopAsync(cancellationToken);

    private string Explain()
    {
        var members = membership.View.Members;
        if (members.Length == 0) return "the membership lists none; start a silo, or check that ClusterId and database are those of the silos";
        return string.Join("; ", members.Select(member => member.GatewayPort == 0
            ? $"silo {member.Name} at {member.Address} has no port for clients"
            : $"silo {member.Name} at {member.Address}, port {member.GatewayPort}: {runtime.Network.LinkTo(member.Address)?.LastFailure?.Message ?? "no answer"}"));
    }
}
