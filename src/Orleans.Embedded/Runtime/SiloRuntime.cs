using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Filters;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Embedded.References;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>One silo: what its parts share. Made once per host; it serves from <see cref="Start"/> to <see cref="BeginStop"/>.</summary>
internal sealed partial class SiloRuntime : ProcessRuntime
{
    private readonly ILogger _logger;
    private readonly Lazy<IncomingFilters> _incoming;
    private volatile SiloStatus _status = SiloStatus.Created;

    public SiloRuntime(IServiceProvider services, LocalSilo silo, GrainMap grains)
        : this(services, silo, grains, services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value)
    {
    }

    private SiloRuntime(IServiceProvider services, LocalSilo silo, GrainMap grains, SiloMessagingOptions messaging)
        : base(services, grains, messaging, messaging.MaxEnqueuedRequestsHardLimit)
    {
        Silo = silo;
        _logger = services.GetRequiredService<ILogger<SiloRuntime>>();
        Collection = services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
        Catalog = new Catalog(this, grains);
        Lease = services.GetRequiredService<SiloLease>();
        Placement = services.GetRequiredService<IGrainPlacement>();
        ProcessId = silo.SiloAddress.ToParsableString();
        SourceId = GrainId.Create(ClientType, ProcessId);
        Metrics = new EngineMetrics(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            () => Catalog.ActivationCount, () => Catalog.Activations().Sum(activation => activation.Load));
        _incoming = new(() => new IncomingFilters([.. services.GetServices<IIncomingGrainCallFilter>()], FlowActivities));
        Factory = CreateFactory(SourceId, () => OutgoingFilters, messaging.ResponseTimeout);
        if (Placement is ClusterPlacement)
        {
            Network = ClusterNetwork.Create(this, PeerIdentity.OfSilo(Address), Placement);
            Router = Network.Router;
        }
        else
        {
            Router = new LocalRouter(this, Placement, Observers);
        }

        SetCollectionAges();
    }

    public LocalSilo Silo { get; }

    public SiloAddress Address => Silo.SiloAddress;

    public GrainCollectionOptions Collection { get; }

    public Catalog Catalog { get; }

    /// <summary>Whether the silo may serve; without a cluster it always may.</summary>
    public SiloLease Lease { get; }

    public IGrainPlacement Placement { get; }

    /// <summary>The connections to other processes; null for a silo alone.</summary>
    public ClusterNetwork? Network { get; }

    public IncomingFilters Filters => _incoming.Value;

    public bool HasIncomingWork => _incoming.Value.HasWork;

    public SiloStatus Status => _status;

    /// <summary>Whether activations may be made.</summary>
    public bool IsActive => _status == SiloStatus.Active;

    public void Start() => _status = SiloStatus.Active;

    public void BeginStop() => _status = SiloStatus.ShuttingDown;

    public void End() => _status = SiloStatus.Dead;

    /// <exception cref="SiloUnavailableException">The silo makes no activations.</exception>
    public void RequireActive()
    {
        if (!IsActive) throw new SiloUnavailableException($"Silo {Address} is {_status}: it makes no new activations.");
    }

    /// <exception cref="SiloUnavailableException">The silo is not there.</exception>
    public void RequireRunning()
    {
        if (_status is SiloStatus.Created or SiloStatus.Dead)
        {
            throw new SiloUnavailableException(_status == SiloStatus.Created
                ? $"Silo {Address} has not started yet: call grains once the host runs."
                : $"Silo {Address} has stopped.");
        }

        if (!Lease.Holds) throw LeaseLost();
    }

    public SiloUnavailableException LeaseLost() => new($"The lease of silo {Address} has run out: it serves nothing until it can renew it.");

    public void OnActivationFailed(GrainId grainId, Exception exception) => LogActivationFailed(grainId, exception);

    public void OnDeactivationFailed(GrainId grainId, Exception exception) => LogDeactivationFailed(grainId, exception);

    public override void Dispose()
    {
        // Before its port is anybody else's: who serves listens.
        End();
        Network?.Kill();
        base.Dispose();
    }

    protected override IEnumerable<IOutgoingGrainCallFilter> CreateOutgoingFilters() => Services.GetServices<IOutgoingGrainCallFilter>();

    private void SetCollectionAges()
    {
        foreach (var grainClass in Grains.Classes)
        {
            var specific = Collection.ClassSpecificCollectionAge;
            grainClass.CollectionAge = grainClass.OwnCollectionAge
                ?? (specific.TryGetValue(grainClass.Descriptor.Type.FullName!, out var byName) ? byName
                    : specific.TryGetValue(grainClass.GrainType.ToString(), out var byType) ? byType
                    : Collection.CollectionAge);
        }
    }
}
