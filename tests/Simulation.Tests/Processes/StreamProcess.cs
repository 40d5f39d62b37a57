using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Streams;
using Orleans.Runtime;
using Orleans.Streams;

namespace Warroom.Simulation.Processes;

/// <summary>A silo or a client with the engine's own streams: <see cref="StreamMesh"/>, its outboxes, sessions and subscriptions. What is around them is simulated.</summary>
internal sealed class StreamProcess : SimulatedProcess, IDisposable
{
    public const string Provider = "warroom";

    public static readonly EmbeddedClusterOptions Options = new() { Heartbeat = TimeSpan.FromSeconds(1), Lease = TimeSpan.FromSeconds(5) };

    private readonly SimulatedRuntime _runtime;
    private readonly SimulatedPlacement _placement;

    public StreamProcess(VirtualTime time, Escapes escapes, SimulatedNetwork network, StreamMutation mutation, Random random, StreamBounds bounds, ViewHistory views, string name, SiloAddress? address)
        : base(time, escapes, name)
    {
        Address = address;
        _placement = new SimulatedPlacement(views, address);
        _runtime = new SimulatedRuntime(this);
        Mesh = new StreamMesh(
            _runtime, _placement, _placement, Microsoft.Extensions.Options.Options.Create(Options), NullLogger<StreamMesh>.Instance, new StreamSurroundings
            {
                Scheduler = Scheduler,
                Time = Clock,
                NowMs = () => time.NowMs,
                PeerOf = to => new SimulatedPeer(network, this, to, mutation, random),
                Bounds = bounds,
            });
        Hub = new StreamHub(Provider, _runtime, Mesh);
        Streams = new MemoryStreamProvider(Hub);
        network.Add(this);
    }

    /// <summary>Null for a client.</summary>
    public SiloAddress? Address { get; }

    public StreamMesh Mesh { get; }

    public StreamHub Hub { get; }

    public IStreamProvider Streams { get; }

    public IServiceProvider Services => _runtime.Services;

    public long ViewVersion => _placement.Version;

    /// <summary>Whether a silo is in the view of the cluster that this process has.</summary>
    public bool Knows(SiloAddress silo) => _placement.View.Members.Any(member => member.Address.Equals(silo));

    /// <summary>Whether it is leaving the cluster.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Learns of a view of the cluster.</summary>
    public void Learn(ClusterView view, IReadOnlyDictionary<SiloAddress, long> handedOver) => _placement.Learn(view, handedOver);

    public void Dispose() => _runtime.Dispose();
}

/// <summary>All views that there were, as the membership's table tells them.</summary>
internal sealed class ViewHistory
{
    private readonly List<Rendezvous> _views = [Owners(ClusterView.Empty)];

    public static Rendezvous Owners(ClusterView view) => new(view.Members.Where(member => member.Status == SiloStatus.Active).Select(member => member.Address));

    public void Add(ClusterView view) => _views.Add(Owners(view));

    /// <summary>Whether a silo owned the key in a view from one on, up to another.</summary>
    public bool OwnedBetween(ulong hash, SiloAddress silo, long from, long until)
    {
        for (var between = from; between < until; between++)
            if (silo.Equals(_views[(int)between].Owner(hash))) return true;
        return false;
    }

    public bool HasMoved(ulong hash, long since, long version)
    {
        for (var between = since + 1; between < version; between++)
            if (!Equals(_views[(int)between].Owner(hash), _views[(int)version].Owner(hash))) return true;
        return false;
    }
}

/// <summary>What one process knows of the cluster.</summary>
internal sealed class SimulatedPlacement(ViewHistory views, SiloAddress? self) : IGrainPlacement, IMembership
{
    private Rendezvous _owners = new([]);
    private TaskCompletionSource _changed = new();
    private IReadOnlyDictionary<SiloAddress, long> _handedOver = new Dictionary<SiloAddress, long>();

    public ClusterView View { get; private set; } = ClusterView.Empty;

    public long Version => View.Version;

    public Task Changed => _changed.Task;

    public SiloAddress? Locate(GrainId grainId) => _owners.Owner(KeyHash.Of(grainId.Key.Text));

    public bool HasMoved(GrainId grainId, long since) => views.HasMoved(KeyHash.Of(grainId.Key.Text), since, Version);

    public bool IsKnownOwner(GrainId grainId)
    {
        var hash = KeyHash.Of(grainId.Key.Text);
        return Equals(_owners.Owner(hash), self) && _handedOver.All(other => other.Key.Equals(self) || !views.OwnedBetween(hash, other.Key, other.Value, Version));
    }

    public bool MayActivate(GrainId grainId) => throw new NotSupportedException("Streams do not ask for it.");

    /// <summary>Reads the table: the view, and what the silos that live have handed over.</summary>
    public void Learn(ClusterView view, IReadOnlyDictionary<SiloAddress, long> handedOver)
    {
        if (view.Version < View.Version) return;
        View = view;
        _owners = ViewHistory.Owners(view);
        _handedOver = handedOver;
        var changed = _changed;
        _changed = new TaskCompletionSource();
        changed.SetResult();
    }

    public Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken) => throw new NotSupportedException("Streams do not ask for it.");
}

/// <summary>What the engine's streams need of a process.</summary>
internal sealed class SimulatedRuntime : ProcessRuntime
{
    private static readonly GrainMap Known = new(ManifestLoader.Load());
    private static readonly EngineMetrics Uncounted = new(new Meters(), () => 0, () => 0);

    public SimulatedRuntime(StreamProcess process)
        : base(new ProcessServices(process), Known, new SiloMessagingOptions(), waitingCallsMax: 0)
    {
        // Calls are the simulated network's: nothing waits here by the real clock.
        Watch.Dispose();
        ProcessId = process.Name;
        SourceId = GrainId.Create(ClientType, process.Name);
        Metrics = Uncounted;
        Factory = CreateFactory(SourceId, () => OutgoingFilters, TimeSpan.FromSeconds(30));
    }

    protected override IEnumerable<IOutgoingGrainCallFilter> CreateOutgoingFilters() => [];

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    private sealed class ProcessServices(StreamProcess process) : IKeyedServiceProvider
    {
        private static readonly IOptions<ActivityPropagationOptions> Activities = Options.Create(new ActivityPropagationOptions());

        public object? GetService(Type serviceType) =>
            serviceType == typeof(ILoggerFactory) ? NullLoggerFactory.Instance
            : serviceType == typeof(IOptions<ActivityPropagationOptions>) ? Activities
            : serviceType == typeof(TimeProvider) ? process.Clock
            : null;

        public object? GetKeyedService(Type serviceType, object? serviceKey) =>
            serviceKey as string != StreamProcess.Provider ? null
            : serviceType == typeof(StreamHub) ? process.Hub
            : serviceType == typeof(IStreamProvider) ? process.Streams
            : null;

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
            GetKeyedService(serviceType, serviceKey) ?? throw new InvalidOperationException($"There is no {serviceType} in the simulation.");
    }
}

/// <summary>The streams of one process as another calls them.</summary>
internal sealed class SimulatedPeer(SimulatedNetwork network, StreamProcess from, string to, StreamMutation mutation, Random random) : IStreamPeer
{
    private readonly Dictionary<Guid, long> _dropped = [];

    public Task<HomeAnswer> RegisterAsync(StreamRegistration registration)
    {
        if (mutation == StreamMutation.RegistrationNotDone && random.Next(4) == 0) return CallAsync(_ => Task.FromResult(HomeAnswer.Done));
        return CallAsync(peer => peer.RegisterAsync(registration));
    }

    public Task UnregisterAsync(string process, Guid session, string provider, StreamId streamId, long number) => CallAsync(async peer =>
    {
        await peer.UnregisterAsync(process, session, provider, streamId, number);
        return true;
    });

    public async Task<bool> RenewAsync(string process, Guid session)
    {
        var known = await CallAsync(peer => peer.RenewAsync(process, session));
        return known || mutation == StreamMutation.LostSessionUnnoticed;
    }

    public Task<bool> DeliverAsync(string home, Guid session, long number, ImmutableArray<StreamEntry> entries)
    {
        if (mutation == StreamMutation.LostBatchUnnoticed)
        {
            var dropped = _dropped.GetValueOrDefault(session);
            if (random.Next(50) == 0)
            {
                _dropped[session] = dropped + 1;
                return Task.FromResult(true);
            }

            number -= dropped;
        }

        if (mutation == StreamMutation.DeadNotDropped && network.Find(to) is null) return Task.FromResult(true);
        return CallAsync(peer => peer.DeliverAsync(home, session, number, entries));
    }

    public Task EndedAsync(string home, Guid session)
    {
        // Nobody waits for an answer.
        if (mutation != StreamMutation.LostSessionUnnoticed)
        {
            _ = CallAsync(async peer =>
            {
                await peer.EndedAsync(home, session);
                return true;
            });
        }

        return Task.CompletedTask;
    }

    public Task<HomeAnswer> PublishAsync(StreamPublication publication)
    {
        publication = mutation switch
        {
            StreamMutation.NoPublicationNumbers => publication with { Producer = Guid.NewGuid() },
            StreamMutation.OverflowNotTold => publication with { Lost = false },
            _ => publication,
        };
        return CallAsync(peer => peer.PublishAsync(publication));
    }

    public Task<HomeAnswer> RemoveGrainAsync(string provider, StreamId streamId, long view, Guid subscription) => throw new NotSupportedException("There are no grains here.");

    public Task<ImmutableArray<Guid>?> GrainSubscriptionsAsync(string provider, StreamId streamId, long view, GrainId grainId) => throw new NotSupportedException("There are no grains here.");

    public Task ForgetGrainAsync(string provider, StreamId streamId, Guid subscription) => throw new NotSupportedException("There are no grains here.");

    private Task<T> CallAsync<T>(Func<IStreamPeer, Task<T>> call) => network.CallAsync(from, to, target => call(((StreamProcess)target).Mesh));
}
