using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded;
using Orleans.Embedded.Hosting;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Metrics;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Streams;
using Orleans.Streams;

namespace Warroom.Engine.Tests.Embedded.Streams;

/// <summary>
/// The streams of one silo, with a clock that stands still and other silos that the test plays: it sees each call and says when it is answered. Which silo is a stream's home is what the test says.
/// </summary>
internal sealed class StreamBench : IAsyncDisposable
{
    public const string Provider = "bench";

    private readonly ConcurrentDictionary<string, PlayedPeer> _peers = new();
    private readonly BenchRuntime _runtime;
    private readonly EmbeddedClusterOptions _options;

    public StreamBench(EmbeddedClusterOptions? options = null, StreamBounds? bounds = null)
    {
        _options = options ?? new EmbeddedClusterOptions();
        Placement = new BenchPlacement(Self);
        _runtime = new BenchRuntime(this);
        Mesh = new StreamMesh(
            _runtime, Placement, Placement, Options.Create(_options), NullLogger<StreamMesh>.Instance, new StreamSurroundings
            {
                Time = Clock,
                NowMs = () => Clock.GetTimestamp() / TimeSpan.TicksPerMillisecond,
                PeerOf = Peer,
                Bounds = bounds ?? new StreamBounds(),
            });
        Hub = new StreamHub(Provider, _runtime, Mesh);
        Streams = new MemoryStreamProvider(Hub);
    }

    public static SiloAddress Self { get; } = Silo(1);

    public ManualTimeProvider Clock { get; } = new();

    public BenchPlacement Placement { get; }

    public StreamMesh Mesh { get; }

    public StreamHub Hub { get; }

    public IStreamProvider Streams { get; }

    public static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, number);

    /// <summary>Another silo as the test plays it.</summary>
    public PlayedPeer Peer(SiloAddress silo) => Peer(silo.ToParsableString());

    /// <summary>The stream of that key.</summary>
    public static StreamId Id(string key) => StreamId.Create("bench", key);

    public IAsyncStream<int> Stream(string key) => Streams.GetStream<int>(Id(key));

    /// <summary>One round of renewals begins; it is over when the next is waited for.</summary>
    public async Task BeatAsync()
    {
        await RoundAsync();
        Clock.Advance(_options.Heartbeat);
    }

    /// <summary>Completes when the next round of renewals is waited for.</summary>
    public Task RoundAsync() => Clock.WhenArmedAsync(wait => wait == _options.Heartbeat);

    public async ValueTask DisposeAsync()
    {
        Mesh.Kill();
        await Mesh.DisposeAsync();
        _runtime.Dispose();
    }

    private PlayedPeer Peer(string process) => _peers.GetOrAdd(process, _ => new PlayedPeer());

    private sealed class BenchRuntime : ProcessRuntime
    {
        public BenchRuntime(StreamBench bench)
            : base(new BenchServices(bench), new GrainMap(ManifestLoader.Load()), new SiloMessagingOptions(), waitingCallsMax: 0)
        {
            ProcessId = Self.ToParsableString();
            SourceId = GrainId.Create(ClientType, ProcessId);
            Metrics = new EngineMetrics(new Meters(), () => 0, () => 0);
            Factory = CreateFactory(SourceId, () => OutgoingFilters, TimeSpan.FromSeconds(30));
        }

        protected override IEnumerable<IOutgoingGrainCallFilter> CreateOutgoingFilters() => [];
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    private sealed class BenchServices(StreamBench bench) : IKeyedServiceProvider
    {
        private static readonly IOptions<ActivityPropagationOptions> Activities = Options.Create(new ActivityPropagationOptions());

        public object? GetService(Type serviceType) =>
            serviceType == typeof(ILoggerFactory) ? NullLoggerFactory.Instance
            : serviceType == typeof(IOptions<ActivityPropagationOptions>) ? Activities
            : serviceType == typeof(TimeProvider) ? bench.Clock
            : null;

        public object? GetKeyedService(Type serviceType, object? serviceKey) =>
            serviceType == typeof(StreamHub) && serviceKey is Provider ? bench.Hub : null;

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
            GetKeyedService(serviceType, serviceKey) ?? throw new InvalidOperationException($"There is no {serviceType} on the bench.");
    }
}

/// <summary>A cluster whose streams have their homes where the test says.</summary>
internal sealed class BenchPlacement : IGrainPlacement, IMembership
{
    private readonly ConcurrentDictionary<string, SiloAddress> _homes = new();
    private readonly ConcurrentDictionary<string, long> _moved = new();
    private readonly SiloAddress _self;
    private TaskCompletionSource _changed = NewSource();
    private long _located;

    public BenchPlacement(SiloAddress self)
    {
        _self = self;
        View = new ClusterView(1, [.. Enumerable.Range(1, 4).Select(i => new ClusterMember(StreamBench.Silo(i), $"silo {i}", SiloStatus.Active, 0, DateTimeOffset.UnixEpoch, 1))]);
    }

    public ClusterView View { get; private set; }

    public long Version => View.Version;

    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>How often somebody asked where a key belongs.</summary>
    public long Located => Interlocked.Read(ref _located);

    public SiloAddress? Locate(GrainId grainId)
    {
        Interlocked.Increment(ref _located);
        return _homes.GetValueOrDefault(grainId.Key.Text, _self);
    }

    /// <summary>Whether each former home knows already what the test says.</summary>
    public bool IsKnown { get; set; } = true;

    public bool HasMoved(GrainId grainId, long since) => _moved.GetValueOrDefault(grainId.Key.Text) > since;

    public bool IsKnownOwner(GrainId grainId) => IsKnown && _homes.GetValueOrDefault(grainId.Key.Text, _self).Equals(_self);

    public bool MayActivate(GrainId grainId) => false;

    /// <summary>From the next view on, the streams of that key have their home there.</summary>
    public void Move(string key, SiloAddress home)
    {
        _homes[key] = home;
        View = View with { Version = View.Version + 1 };
        _moved[key] = View.Version;
        Interlocked.Exchange(ref _changed, NewSource()).SetResult();
    }

    public Task<ClusterView> NextViewAsync(long version, CancellationToken cancellationToken) => throw new NotSupportedException("Streams do not ask for it.");

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
