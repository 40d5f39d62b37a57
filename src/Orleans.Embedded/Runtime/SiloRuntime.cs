using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Activations;
using Orleans.Embedded.Filters;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Observers;
using Orleans.Embedded.Placement;
using Orleans.Embedded.References;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>One silo: what its parts share. Made once per host; it serves from <see cref="Start"/> to <see cref="BeginStop"/>.</summary>
internal sealed partial class SiloRuntime : IDisposable
{
    private readonly ILogger _logger;
    private readonly Lazy<IncomingFilters> _incoming;
    private readonly Lazy<OutgoingFilters> _outgoing;
    private readonly bool _flowActivities;
    private volatile SiloStatus _status = SiloStatus.Created;

    public SiloRuntime(IServiceProvider services, LocalSilo silo, GrainMap grains)
    {
        Services = services;
        Grains = grains;
        Silo = silo;
        _logger = services.GetRequiredService<ILogger<SiloRuntime>>();
        var messaging = services.GetRequiredService<IOptions<SiloMessagingOptions>>().Value;
        Collection = services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;
        WaitingCallsMax = messaging.MaxEnqueuedRequestsHardLimit > 0 ? messaging.MaxEnqueuedRequestsHardLimit : int.MaxValue;
        CancelOnTimeout = messaging.CancelRequestOnTimeout;
        Clock = new EngineClock(services.GetService<TimeProvider>() ?? TimeProvider.System);
        Catalog = new Catalog(this, grains);
        Observers = new ObserverRegistry(this);
        Router = new LocalRouter(this, new SingleSiloPlacement(silo.SiloAddress), Observers);
        Metrics = new EngineMetrics(
            services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
            () => Catalog.ActivationCount, () => Catalog.Activations().Sum(activation => activation.Load));
        _flowActivities = services.GetRequiredService<IOptions<ActivityPropagationOptions>>().Value.Enabled;

        // Filters may ask for grains in their constructors, and grains come from here: they are made at the first call.
        _incoming = new(() => new IncomingFilters([.. services.GetServices<IIncomingGrainCallFilter>()], _flowActivities));
        _outgoing = new(() => new OutgoingFilters([.. services.GetServices<IOutgoingGrainCallFilter>()], _flowActivities));
        var sourceId = GrainId.Create("sys.client", silo.SiloAddress.ToParsableString());
        Factory = CreateFactory(sourceId, () => OutgoingFilters, messaging.ResponseTimeout);
        SetCollectionAges();
    }

    public IServiceProvider Services { get; }

    public GrainMap Grains { get; }

    public LocalSilo Silo { get; }

    public SiloAddress Address => Silo.SiloAddress;

    public GrainCollectionOptions Collection { get; }

    public EngineClock Clock { get; }

    public EngineMetrics Metrics { get; }

    public DeadlineWatch Watch { get; } = new();

    public Catalog Catalog { get; }

    public ObserverRegistry Observers { get; }

    public IMessageRouter Router { get; }

    public ReferenceFactory Factory { get; }

    public OutgoingFilters OutgoingFilters => _outgoing.Value;

    public IncomingFilters Filters => _incoming.Value;

    public bool HasIncomingWork => _incoming.Value.HasWork;

    public int WaitingCallsMax { get; }

    public bool CancelOnTimeout { get; }

    public SiloStatus Status => _status;

    /// <summary>Whether activations may be made.</summary>
    public bool IsActive => _status == SiloStatus.Active;

    public ReferenceFactory CreateFactory(GrainId sourceId, Func<OutgoingFilters> filters, TimeSpan responseTimeout) =>
        new(Grains, new CallSender(this, sourceId, filters, responseTimeout), Observers);

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
    }

    public void OnWorkFailed(string where, Exception exception) => LogWorkFailed(where, exception);

    public void OnTimerFailed(GrainId grainId, Exception exception) => LogTimerFailed(grainId, exception);

    public void OnActivationFailed(GrainId grainId, Exception exception) => LogActivationFailed(grainId, exception);

    public void OnDeactivationFailed(GrainId grainId, Exception exception) => LogDeactivationFailed(grainId, exception);

    public void OnStreamFailed(string provider, Guid subscription, int attempt, Exception exception) =>
        LogStreamFailed(provider, subscription, attempt, exception);

    public void Dispose() => Watch.Dispose();

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
