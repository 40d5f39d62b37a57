using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Embedded.Filters;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;
using Orleans.Embedded.References;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>
/// The streams of one process among those of a cluster. A stream's home is the silo that owns its key, so that a grain and the stream of the same key are in one place. What is published goes to the home, and from there once
/// to each process that is subscribed, and to grains; there it is fanned out. Whenever a home changes or cannot be sure that a process got everything, the process registers again and its subscribers are told that they
/// may have lost their place. Items of one producer on one stream arrive in its order.
/// </summary>
internal sealed partial class StreamMesh : IStreamPeer, IAsyncDisposable
{
    private const string TargetName = "streams";

    /// <summary>What a call needs beside its parcels, at most.</summary>
    private const int CallBytes = 8 * 1024;

    /// <summary>So many streams are registered again at once.</summary>
    private const int RegistrationsAtOnce = 64;

    private static readonly GrainType StreamType = GrainType.Create("stream");
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SubscribeTimeout = TimeSpan.FromSeconds(30);

    private readonly ProcessRuntime _runtime;
    private readonly IMembership _membership;
    private readonly IGrainPlacement _placement;
    private readonly EmbeddedClusterOptions _options;
    private readonly ReferenceFactory _factory;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _registrations = new(RegistrationsAtOnce);
    private readonly ConcurrentDictionary<string, IStreamPeer> _peers = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<StreamHub, byte> _hubs = new();

    // As a subscriber: what is wanted, and of whom.
    private readonly ConcurrentDictionary<(StreamHub Hub, StreamId StreamId), StreamInterest> _interests = new();
    private readonly ConcurrentDictionary<string, HomeLink> _links = new(StringComparer.Ordinal);

    // As a producer: one, whatever the stream, so that its home remembers one number for each process.
    private readonly Guid _producer = Guid.NewGuid();
    private long _publications;
    private long _registered;
    private readonly ConcurrentDictionary<(StreamHub Hub, StreamId StreamId), StreamOutbox> _outboxes = new();

    // As a home.
    private readonly Lock _sessionsLock = new();
    private readonly Dictionary<string, SubscriberSession> _sessions = new(StringComparer.Ordinal);
    private Task _loops = Task.CompletedTask;

    public StreamMesh(ProcessRuntime runtime, IMembership membership, IGrainPlacement placement, IOptions<EmbeddedClusterOptions> options, ILogger<StreamMesh> logger,
        StreamSurroundings? surroundings = null)
    {
        _runtime = runtime;
        _membership = membership;
        _placement = placement;
        _options = options.Value;
        _logger = logger;
        Surroundings = surroundings ?? StreamSurroundings.OfProcess;
        Serializer = new WireSerializer(runtime.Grains, () => runtime.Factory);

        // The users' filters are for the users' calls.
        var none = new OutgoingFilters([], flowActivities: false);
        _factory = runtime.CreateFactory(runtime.SourceId, () => none, CallTimeout);
    }

    public StreamSurroundings Surroundings { get; }

    /// <summary>Parcels that travel together have no more bytes than that, unless one alone has.</summary>
    public int BatchBytesMax => Math.Min(256 * 1024, _options.FrameMax / 2);

    /// <summary>A parcel of more bytes cannot travel: whoever is to get it is told that it misses something.</summary>
    public int ParcelBytesMax => _options.FrameMax - CallBytes;

    public IWireSerializer Serializer { get; }

    public string ProcessId => _runtime.ProcessId;

    /// <summary>Who this process is to the homes of streams on which it publishes.</summary>
    public Guid Producer => _producer;

    public long ViewVersion => _membership.View.Version;

    /// <summary>By which view <see cref="HomeOf"/> answers. Read after an answer, it is that answer's or a newer one.</summary>
    public long PlacementVersion => _placement.Version;

    /// <summary>What waits here to be sent to homes.</summary>
    public IEnumerable<StreamOutbox> Outboxes => _outboxes.Values;

    /// <summary>The processes that are subscribed to streams whose home is here.</summary>
    public IReadOnlyList<SubscriberSession> Sessions
    {
        get
        {
            lock (_sessionsLock) return [.. _sessions.Values];
        }
    }

    /// <summary>Completes when a home may have changed.</summary>
    public Task Changed => _placement.Changed;

    /// <summary>Whether a call failed because the other process is not there, or not now: it may have been executed.</summary>
    public static bool IsAway(Exception exception) => exception is SiloUnavailableException or ClientNotAvailableException or TimeoutException;

    public void Start()
    {
        _runtime.SystemTargets.Register(TargetName, this);
        _loops = Task.WhenAll(Surroundings.Run(FollowAsync), Surroundings.Run(RenewAsync));
    }

    /// <summary>The silo owns nothing any more and stops: subscriptions of grains go to their streams' new homes.</summary>
    public async Task HandOverAsync(CancellationToken cancellationToken)
    {
        GiveUp();
        using var timeout = new CancellationTokenSource(CallTimeout, Surroundings.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token, timeout.Token);
        await Task.WhenAll(_interests.Values.Where(interest => interest.HasGrains).Select(interest => interest.EnsureAsync(limit.Token)))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await DrainAsync();
    }

    public async Task StopAsync()
    {
        await DrainAsync();
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync();
        await _loops;
    }

    /// <summary>Ends as a crash would; for tests.</summary>
    public void Kill() => _stop.Cancel();

    /// <summary>Lets what was published leave, but does not wait for long.</summary>
    private async Task DrainAsync()
    {
        var until = Surroundings.NowMs() + (long)DrainPatience.TotalMilliseconds;
        while (!_outboxes.IsEmpty && !_stop.IsCancellationRequested && Surroundings.NowMs() < until) await Task.Delay(TimeSpan.FromMilliseconds(5), Surroundings.Time);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _registrations.Dispose();
    }

    public void ThrowIfEnded() => _stop.Token.ThrowIfCancellationRequested();

    /// <summary>A provider of this process.</summary>
    public void Add(StreamHub hub) => _hubs[hub] = 0;

    /// <summary>The process that is the stream's home by what is known here; null while there is none.</summary>
    public string? HomeOf(StreamId streamId) => _placement.Locate(GrainId.Create(StreamType, streamId.GetKeyAsString()))?.ToParsableString();

    /// <summary>Whether the stream had another home than now in any view after that one.</summary>
    public bool HasMoved(StreamId streamId, long since) => _placement.HasMoved(GrainId.Create(StreamType, streamId.GetKeyAsString()), since);

    /// <summary>Whether this process is the stream's home.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="known">What the asker was told last: the view's version and the answer. 0: nothing.</param>
    public bool IsHome(StreamId streamId, ref long known)
    {
        var version = _membership.View.Version + 1;
        var last = Volatile.Read(ref known);
        if (last >> 1 == version) return (last & 1) != 0;
        var isHome = HomeOf(streamId) == ProcessId;
        Volatile.Write(ref known, (version << 1) | (isHome ? 1L : 0L));
        return isHome;
    }

    /// <summary>Whether what is published here goes to the subscribers at once: this process is the stream's home, and nothing that was published here before is still on its way to a former one.</summary>
    public bool MayPublishHere(StreamHub hub, StreamId streamId, ref long known) => IsHome(streamId, ref known) && !_outboxes.ContainsKey((hub, streamId));

    public IStreamPeer PeerOf(string process) =>
        _peers.GetOrAdd(process, static (name, mesh) => mesh.Surroundings.PeerOf?.Invoke(name)
            ?? (IStreamPeer)(object)mesh._factory.Create(typeof(IStreamPeer), Observers.SystemTargets.IdOf(TargetName, name)), this);

    public HomeLink LinkTo(string process) => _links.GetOrAdd(process, static name => new HomeLink(name));

    /// <summary>Publishes on a stream whose home is another process.</summary>
    /// <exception cref="NotSupportedException">The items cannot be sent.</exception>
    public void Publish(StreamHub hub, StreamId streamId, StreamParcel parcel)
    {
        parcel.ToBytes(Serializer);
        while (!_outboxes.GetOrAdd((hub, streamId), static (key, mesh) => new StreamOutbox(mesh, key.Hub, key.StreamId), this).TryEnqueue(parcel))
        {
            // It was just given up because it was empty; the next look makes another.
        }
    }

    /// <summary>One more subscription outside of grains: counted at once, until <see cref="RemoveLocal"/>; complete when the home knows.</summary>
    public Task AddLocalAsync(StreamHub hub, StreamId streamId) => EnsureAsync(Interest(hub, streamId, static (interest, _) => interest.TryAddLocal(), 0));

    public void RemoveLocal(StreamHub hub, StreamId streamId) => _interests.GetValueOrDefault((hub, streamId))?.RemoveLocal();

    /// <summary>A grain's subscription; complete when the home knows.</summary>
    public async Task AddGrainAsync(StreamHub hub, StreamId streamId, Guid id, GrainId grainId)
    {
        var interest = Interest(hub, streamId, static (interest, grain) => interest.TryAddGrain(grain.id, grain.grainId), (id, grainId));
        try
        {
            await EnsureAsync(interest);
        }
        catch
        {
            interest.RemoveGrain(id);
            throw;
        }
    }

    /// <summary>Ends a grain's subscription, wherever it was made; complete when the home knows.</summary>
    public async Task RemoveGrainAsync(StreamHub hub, StreamId streamId, Guid id)
    {
        _interests.GetValueOrDefault((hub, streamId))?.RemoveGrain(id);
        await AskHomeAsync(streamId, async (home, view) => await home.RemoveGrainAsync(hub.Name, streamId, view, id) == HomeAnswer.Done ? this : null);
    }

    public async Task<IReadOnlyList<Guid>> GrainSubscriptionsAsync(StreamHub hub, StreamId streamId, GrainId grainId) =>
        (IReadOnlyList<Guid>)await AskHomeAsync(
            streamId, async (home, view) => await home.GrainSubscriptionsAsync(hub.Name, streamId, view, grainId) is { } found ? (object)found.ToList() : null);

    /// <summary>Registers with a home; false: it is not the home, or cannot be reached now.</summary>
    public async Task<bool> RegisterAsync(
        string home, long view, StreamHub hub, StreamId streamId, Guid session, bool wantsItems, ImmutableArray<GrainSubscriptionMessage> grains, bool again)
    {
        try
        {
            // As its own home a process needs no session: its subscriptions are in the stream already.
            var registration = new StreamRegistration
            {
                Process = ProcessId,
                Session = session,
                View = view,
                Provider = hub.Name,
                StreamId = streamId,
                WantsItems = wantsItems && home != ProcessId,
                Grains = grains,
                Again = again,
                Number = Interlocked.Increment(ref _registered),
            };
            return await PeerOf(home).RegisterAsync(registration) == HomeAnswer.Done;
        }
        catch (Exception exception) when (IsAway(exception))
        {
            return false;
        }
    }

    /// <summary>Has an interest registered again if it has to be, in the background.</summary>
    public void Recheck(StreamInterest interest)
    {
        if (!interest.IsSettled && !_stop.IsCancellationRequested && interest.TryBeginRecheck()) _ = CleanFlow.Run(() => Surroundings.Run(() => EnsureInBackgroundAsync(interest)));
    }

    /// <summary>The same for all, in an order that is always the same.</summary>
    private void RecheckAll()
    {
        foreach (var interest in _interests.Select(pair => pair.Value).Where(interest => !interest.IsSettled).OrderBy(interest => interest.StreamId)) Recheck(interest);
    }

    public void OnInterestEnded(StreamInterest interest) => _interests.TryRemove(new((interest.Hub, interest.StreamId), interest));

    /// <summary>Tells a home that this process wants no items any more.</summary>
    public void OnNothingWanted(StreamInterest interest, string? home, Guid session)
    {
        if (home is null || home == ProcessId) return;
        var number = Interlocked.Read(ref _registered);
        _ = CleanFlow.Run(() => UnregisterAsync(interest, home, session, number));
    }

    /// <summary>Numbers what is published: on each stream they grow.</summary>
    public long NextPublication() => Interlocked.Increment(ref _publications);

    public void OnOutboxEmpty(StreamOutbox outbox) => _outboxes.TryRemove(new((outbox.Hub, outbox.StreamId), outbox));

    public void OnOutboxFailed(StreamId streamId, Exception exception)
    {
        if (!_stop.IsCancellationRequested) LogOutboxFailed(streamId, exception);
    }

    /// <summary>How many bytes a parcel takes in a message, at most, together with what is beside it; null, and logged, if it cannot travel.</summary>
    public int? SizeOf(StreamId streamId, StreamParcel parcel, int beside = 0)
    {
        try
        {
            var size = beside + ParcelMessage.SizeOf(parcel, Serializer);
            if (size <= ParcelBytesMax) return size;
            LogParcelTooLarge(streamId, size, ParcelBytesMax);
        }
        catch (NotSupportedException exception)
        {
            LogParcelUnwritable(streamId, exception);
        }

        return null;
    }

    /// <summary>Whether a grain is for this very process to serve, as far as it knows.</summary>
    public bool IsHere(GrainId grainId) => _placement.Locate(grainId)?.ToParsableString() == ProcessId;

    public void OnSessionEnded(SubscriberSession session, string reason)
    {
        lock (_sessionsLock)
        {
            if (_sessions.TryGetValue(session.Process, out var known) && ReferenceEquals(known, session)) _sessions.Remove(session.Process);
        }

        if (!_stop.IsCancellationRequested) LogSessionEnded(session.Process, reason);
    }

    private StreamInterest Interest<TArgument>(StreamHub hub, StreamId streamId, Func<StreamInterest, TArgument, bool> tryAdd, TArgument argument)
    {
        while (true)
        {
            var interest = _interests.GetOrAdd((hub, streamId), static (key, mesh) => new StreamInterest(mesh, key.Hub, key.StreamId), this);
            if (tryAdd(interest, argument)) return interest;
            _interests.TryRemove(new((hub, streamId), interest));
        }
    }

    /// <summary>Waits until an interest is registered; not in the caller's turn, whose filters and context are its own.</summary>
    private async Task EnsureAsync(StreamInterest interest)
    {
        if (interest.IsSettled) return;
        using var timeout = new CancellationTokenSource(SubscribeTimeout, Surroundings.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, timeout.Token);
        var token = limit.Token;
        try
        {
            await CleanFlow.Run(() => Surroundings.Run(() => interest.EnsureAsync(token)));
        }
        catch (OperationCanceledException exception) when (!_stop.IsCancellationRequested)
        {
            throw new TimeoutException($"Stream {interest.StreamId} could not be registered with its home {HomeOf(interest.StreamId) ?? "(no silo is active)"} within {SubscribeTimeout}.", exception);
        }
        catch (OperationCanceledException exception)
        {
            throw new SiloUnavailableException($"{ProcessId} ends.", exception);
        }
    }

    private async Task EnsureInBackgroundAsync(StreamInterest interest)
    {
        var isDone = false;
        try
        {
            await _registrations.WaitAsync(_stop.Token);
            try
            {
                await interest.EnsureAsync(_stop.Token);
                isDone = true;
            }
            finally
            {
                _registrations.Release();
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception exception)
        {
            // The next round tries again.
            LogNotRegistered(interest.StreamId, exception);
        }
        finally
        {
            interest.EndRecheck();
        }

        // Whoever looked in between left it to this.
        if (isDone) Recheck(interest);
    }

    private async Task UnregisterAsync(StreamInterest interest, string home, Guid session, long number)
    {
        try
        {
            await PeerOf(home).UnregisterAsync(ProcessId, session, interest.Hub.Name, interest.StreamId, number);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            // It forgets a process that it cannot reach; one that gets what it did not ask for passes over it.
        }
    }

    private async Task<TAnswer> AskHomeAsync<TAnswer>(StreamId streamId, Func<IStreamPeer, long, Task<TAnswer?>> ask)
        where TAnswer : class
    {
        using var timeout = new CancellationTokenSource(SubscribeTimeout, Surroundings.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, timeout.Token);
        var token = limit.Token;
        return await CleanFlow.Run(() => Surroundings.Run<TAnswer>(
            async () =>
            {
                while (true)
                {
                    var changed = Changed;
                    try
                    {
                        if (HomeOf(streamId) is { } home && await ask(PeerOf(home), ViewVersion) is { } answer) return answer;
                    }
                    catch (Exception exception) when (IsAway(exception))
                    {
                        // It comes back, or another becomes the home.
                    }

                    if (token.IsCancellationRequested) throw new TimeoutException($"The home of stream {streamId} could not be asked within {SubscribeTimeout}.");
                    await Task.WhenAny(changed, Task.Delay(TimeSpan.FromMilliseconds(50), Surroundings.Time, token));
                }
            }));
    }

    /// <summary>With every change of the cluster: what has a home elsewhere by now is registered there, and given up here.</summary>
    private async Task FollowAsync()
    {
        try
        {
            while (true)
            {
                var changed = Changed;
                GiveUp();
                RecheckAll();
                await changed.WaitAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private StreamHub? FindHub(string provider) => _runtime.Services.GetKeyedService<StreamHub>(provider);

    private StreamHub HubOf(string provider) => FindHub(provider)
        ?? throw new InvalidOperationException($"Process {ProcessId} has no stream provider \"{provider}\": call AddMemoryStreams(\"{provider}\") on the builder of every silo and client.");
}
