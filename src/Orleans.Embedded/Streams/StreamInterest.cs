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
    private (string Home, Guid Session)? _asked;
    private KnownHome? _known;
    private int _registering;
    private bool _wantedItems;
    private int _local;
    private int _changes;
    private int _registeredChanges;
    private long _checked;
    private bool _isStale;
    private bool _isRechecked;
    private bool _ended;

    public StreamHub Hub => hub;

    public StreamId StreamId => streamId;

    /// <summary>Whether it is registered where it should be.</summary>
    public bool IsSettled
    {
        get
        {
            var known = Home();
            lock (_lock)
            {
                if (_ended) return true;
                Check(known);
                return known.Home is { } home && home == _home && !_isStale && (home == mesh.ProcessId || mesh.LinkTo(home).Session == _session) && _changes == _registeredChanges;
            }
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

    /// <summary>The session in which its items come; none if it wants none, has no home yet, or is its own.</summary>
    public Guid Session
    {
        get
        {
            lock (_lock) return _wantedItems ? _session : Guid.Empty;
        }
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

            // What was asked of a home that did not confirm it may have been done all the same. One that is still being asked is told when it has answered.
            if (_registering == 0) TakeBack();
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

    /// <summary>False if it is being registered again already: one whose home cannot be reached must not take the places of others.</summary>
    public bool TryBeginRecheck()
    {
        lock (_lock)
        {
            if (_isRechecked) return false;
            return _isRechecked = true;
        }
    }

    public void EndRecheck()
    {
        lock (_lock) _isRechecked = false;
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
            if (Home() is { Home: { } home, Version: var view } && await TryRegisterAsync(home, view)) continue;
            await Task.WhenAny(changed, Task.Delay(Pause, mesh.Surroundings.Time, cancellationToken));
        }
    }

    private async Task<bool> TryRegisterAsync(string home, long view)
    {
        int changes;
        bool wants, wasStale;
        ImmutableArray<GrainSubscriptionMessage> grains;
        var session = home == mesh.ProcessId ? Guid.Empty : mesh.LinkTo(home).Session;
        lock (_lock)
        {
            if (_ended) return true;
            changes = _changes;
            wants = _local > 0;
            wasStale = _isStale;
            grains = [.. _grains.Select(grain => new GrainSubscriptionMessage { Id = grain.Key, GrainId = grain.Value })];
            _registering++;
            if (wants) _asked = (home, session);
        }

        var (formerHome, formerSession) = (_home, _session);
        var again = formerHome is not null && (formerHome != home || formerSession != session || wasStale);
        var isDone = false;
        try
        {
            isDone = await mesh.RegisterAsync(home, view, hub, streamId, session, wants, grains, again);
        }
        finally
        {
            OnAnswered(isDone ? (home, session, changes, wants) : null, view);
        }

        if (!isDone) return false;

        // Registered first, so that whatever the subscriber then reads elsewhere is complete.
        if (again) hub.Tell(streamId, Lost(streamId), onlyHere: true);
        return true;
    }

    public static QueueCacheMissException Lost(StreamId streamId) =>
        new($"The home of stream {streamId} changed, or was out of reach: items may be missing.");

    /// <summary>A home has answered, or did not. If nobody is left who wants items, it hears of it now: while it was being asked it might have been told before it knew.</summary>
    private void OnAnswered((string Home, Guid Session, int Changes, bool WantedItems)? registered, long view)
    {
        lock (_lock)
        {
            _registering--;
            if (registered is { } done)
            {
                (_home, _session, _registeredChanges, _wantedItems) = done;
                (_checked, _isStale) = (view, false);
                if (_local > 0 && _asked == (done.Home, done.Session)) _asked = null;
            }

            if (_local == 0 && _registering == 0) TakeBack();
            EndIfUnused();
        }
    }

    private void TakeBack()
    {
        if (_asked is { } asked) mesh.OnNothingWanted(this, asked.Home, asked.Session);
        _asked = null;
    }

    /// <summary>The stream's home; it is looked for once in each view.</summary>
    private KnownHome Home()
    {
        while (true)
        {
            var version = mesh.PlacementVersion;
            if (Volatile.Read(ref _known) is { } known && known.Version == version) return known;
            var found = new KnownHome(version, mesh.HomeOf(streamId));

            // The answer may be of a newer view.
            if (mesh.PlacementVersion != version) continue;
            Volatile.Write(ref _known, found);
            return found;
        }
    }

    /// <summary>
    /// Looks whether the home is what it was. One that gave the stream up and got it back remembers nobody, and what was published at another in between did not come here; it makes no difference that this process did not see
    /// that view, or had no time to register.
    /// </summary>
    private void Check(KnownHome known)
    {
        if (_home is null || known.Version <= _checked) return;
        _isStale |= known.Home != _home || (known.Version > _checked + 1 && mesh.HasMoved(streamId, _checked));
        _checked = known.Version;
    }

    private void EndIfUnused()
    {
        // One that is being registered stays, so that whoever comes next finds it and goes behind it.
        if (_local > 0 || _grains.Count > 0 || _registering > 0 || _ended) return;
        _ended = true;
        mesh.OnInterestEnded(this);
    }

    /// <summary>The home by a view of the cluster.</summary>
    private sealed record KnownHome(long Version, string? Home);
}
