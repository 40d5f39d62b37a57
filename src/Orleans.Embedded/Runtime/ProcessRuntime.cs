using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Filters;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Messaging;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Observers;
using Orleans.Embedded.References;
using Orleans.Runtime;

namespace Orleans.Embedded;

/// <summary>What a silo and a client that runs without one have in common: whatever sends calls and is called back.</summary>
internal abstract partial class ProcessRuntime : IDisposable
{
    /// <summary>The grain type of whoever calls and is no grain.</summary>
    public static readonly GrainType ClientType = GrainType.Create("sys.client");

    private readonly ILogger _logger;
    private readonly Lazy<OutgoingFilters> _outgoing;

    protected ProcessRuntime(IServiceProvider services, GrainMap grains, MessagingOptions messaging, int waitingCallsMax)
    {
        Services = services;
        Grains = grains;
        _logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(GetType());
        WaitingCallsMax = waitingCallsMax > 0 ? waitingCallsMax : int.MaxValue;
        CancelOnTimeout = messaging.CancelRequestOnTimeout;
        ResponseTimeout = messaging.ResponseTimeout;
        FlowActivities = services.GetRequiredService<IOptions<ActivityPropagationOptions>>().Value.Enabled;
        Clock = new EngineClock(services.GetService<TimeProvider>() ?? TimeProvider.System);
        Observers = new ObserverRegistry(this);
        SystemTargets = new SystemTargets(this);

        // Filters may ask for grains in their constructors, and grains come from here: they are made at the first call.
        _outgoing = new(() => new OutgoingFilters([.. CreateOutgoingFilters()], FlowActivities));
    }

    /// <summary>What names this process in identities: a silo's address in its parsable form, or a client's own name.</summary>
    public string ProcessId { get; protected init; } = "";

    /// <summary>Who calls where no grain and no co-hosted client does.</summary>
    public GrainId SourceId { get; protected init; }

    public IServiceProvider Services { get; }

    public GrainMap Grains { get; }

    public EngineClock Clock { get; }

    public DeadlineWatch Watch { get; } = new();

    public ObserverRegistry Observers { get; }

    public SystemTargets SystemTargets { get; }

    // Set by the constructors of the derived classes; no virtual properties, because every call reads them.
    public EngineMetrics Metrics { get; protected init; } = null!;

    public IMessageRouter Router { get; protected init; } = null!;

    /// <summary>Makes references for code that is no grain; grains of the process use it too.</summary>
    public ReferenceFactory Factory { get; protected init; } = null!;

    public OutgoingFilters OutgoingFilters => _outgoing.Value;

    public int WaitingCallsMax { get; }

    public bool CancelOnTimeout { get; }

    public TimeSpan ResponseTimeout { get; }

    protected bool FlowActivities { get; }

    public ReferenceFactory CreateFactory(GrainId sourceId, Func<OutgoingFilters> filters, TimeSpan responseTimeout) =>
        new(Grains, new CallSender(this, sourceId, filters, responseTimeout), Observers);

    public void OnWorkFailed(string where, Exception exception) => LogWorkFailed(where, exception);

    public void OnTimerFailed(GrainId grainId, Exception exception) => LogTimerFailed(grainId, exception);

    public void OnStreamFailed(string provider, Guid subscription, int attempt, Exception exception) =>
        LogStreamFailed(provider, subscription, attempt, exception);

    public virtual void Dispose() => Watch.Dispose();

    protected abstract IEnumerable<IOutgoingGrainCallFilter> CreateOutgoingFilters();
}
