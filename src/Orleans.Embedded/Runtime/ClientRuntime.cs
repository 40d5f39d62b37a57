using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>A client whose silos are in other processes.</summary>
internal sealed class ClientRuntime : ProcessRuntime
{
    public ClientRuntime(IServiceProvider services, GrainMap grains, IGrainPlacement placement, IOptions<ClientMessagingOptions> messaging)
        : base(services, grains, messaging.Value, waitingCallsMax: 0)
    {
        var self = PeerIdentity.NewClient();
        ProcessId = self.ProcessId;
        SourceId = GrainId.Create(ClientType, ProcessId);
        Metrics = new EngineMetrics(services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), () => 0, () => 0);
        Factory = CreateFactory(SourceId, () => OutgoingFilters, messaging.Value.ResponseTimeout);
        Network = ClusterNetwork.Create(this, self, placement);
        Router = Network.Router;
    }

    public ClusterNetwork Network { get; }

    public override void Dispose()
    {
        Network.Kill();
        base.Dispose();
    }

    protected override IEnumerable<IOutgoingGrainCallFilter> CreateOutgoingFilters() => Services.GetServices<ClientCallFilter>().Select(filter => filter.Create(Services));
}
