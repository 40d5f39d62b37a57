using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

/// <summary>
/// What this process wants of one stream: its items, for subscriptions outside of grains, and that the home knows the subscriptions of grains that were made here. It is registered with the stream's home, and registered again
/// when the home changes or has forgotten it; then whoever is subscribed is told that it may have lost its place.
/// </summary>
internal sealed class StreamInterest(StreamMesh mesh, StreamHub hub, StreamId streamId)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, GrainId> _grains = [];
    private Task _ensured = Task.CompletedTask;
    private string? _home;
    private Guid _session;
    private int _local;
    private int _changes;
    private int _registeredChanges;
    private bool _ended;

    public StreamHub Hub => hub;

    public StreamId StreamId => streamId;

    /// <summary>Whether it is registered where it should be.</summary>
    public bool IsSettled
    {
        get
        {
            var home = mesh.HomeOf(streamId);
            lock (_lock) return _ended || (home is not null && home == _home && (home == mesh.ProcessId || mesh.LinkTo(home).Session == _session) && _changes == _registeredChanges);
        }
    }

    /// <summary>Whether subscriptions of grains depend on it.</summary>
    public bool HasGrains
    {
        get
        {
            lock (_lock) return _grains.Count > 0;
        }
    }

    /// <summary>Whether its items come in that session.</summary>
    public bool IsRegisteredIn(Guid session)
    {
        lock (_lock) return !_ended && _session == session;
    }

    /// <summary>One more subscription outside of grains. False if this has ended.</summary>
    public bool TryAddLocal()
    {
        lock (_lock)
        {
            if (_ended) return false;
            if (_local++ == 0) _changes++;
            return true;
        }
    }

    /// <summary>A subscription of a grain. False if this has ended.</summary>
    public bool TryAddGrain(Guid id, GrainId grainId)
    {
        lock (_lock)
        {
            if (_ended) return false;
            if (_grains.TryAdd(id, grainId)) _changes++;
            return true;
        }
    }

    public void RemoveLocal()
    {
        lock (_lock)
        {
            if (--_local > 0) return;
            mesh.OnNothingWanted(this, _home, _session);
            EndIfUnused();
        }
    }

    public void RemoveGrain(Guid id)
    {
        lock (_lock)
        {
            if (_grains.Remove(id)) EndIfUnused();
        }
    }

    /// <summary>Registers with the stream's home, whoever that becomes meanwhile.</summary>
    public Task EnsureAsync(CancellationToken cancellationToken)
    {
        // One at a time.
        lock (_lock) return _ensured = EnsureAsync(_ensured, cancellationToken);
    }

    private async Task EnsureAsync(Task earlier, CancellationToken cancellationToken)
    {
        await Task.Yield();
        await earlier.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        while (!IsSettled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changed = mesh.Changed;
            if (mesh.HomeOf(streamId) is { } home && await TryRegisterAsync(home)) continue;
            await Task.WhenAny(changed, Task.Delay(Pause, mesh.Surroundings.Time, cancellationToken));
        }
    }

    private async Task<bool> TryRegisterAsync(string home)
    {
        int changes;
        bool wants;
        ImmutableArray<GrainSubscriptionMessage> grains;
        lock (_lock)
        {
            changes = _changes;
            wants = _local > 0;
            grains = [.. _grains.Select(grain => new GrainSubscriptionMessage { Id = grain.Key, GrainId = grain.Value })];
        }

        var (formerHome, formerSession) = (_home, _session);
        var session = home == mesh.ProcessId ? Guid.Empty : mesh.LinkTo(home).Session;
        var again = formerHome is not null && (formerHome != home || formerSession != session);
        if (!await mesh.RegisterAsync(home, hub, streamId, session, wants, grains, again)) return false;
        lock (_lock) (_home, _session, _registeredChanges) = (home, session, changes);

        // Registered first, so that whatever the subscriber then reads elsewhere is complete.
        if (again) hub.Tell(streamId, Lost(streamId), onlyHere: true);
        return true;
    }

    public static QueueCacheMissException Lost(StreamId streamId) =>
        new($"The home of stream {streamId} changed, or was out of reach: items may be missing.");

    private void EndIfUnused()
    {
        if (_local > 0 || _grains.Count > 0) return;
        _ended = true;
        mesh.OnInterestEnded(this);
    }
}
