using System.Collections.Immutable;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Streams;

// What other processes ask of this one. Nothing here waits, so calls of one process have their effect in its order.
internal sealed partial class StreamMesh
{
    public Task<HomeAnswer> RegisterAsync(StreamRegistration registration)
    {
        if (!IsHomeBy(registration.StreamId, registration.View)) return Task.FromResult(HomeAnswer.NotHome);
        var hub = HubOf(registration.Provider);

        // Somebody who may still take itself for the home would go on taking items that nobody who registers here gets.
        if ((registration.WantsItems || registration.Process == ProcessId) && !_placement.IsKnownOwner(GrainId.Create(StreamType, registration.StreamId.GetKeyAsString()))) return Task.FromResult(HomeAnswer.NotHome);
        if (registration.WantsItems && !SessionOf(registration.Process, registration.Session).TryAdd(hub, registration.StreamId, registration.View, registration.Number)) return Task.FromResult(HomeAnswer.NotHome);
        foreach (var grain in registration.Grains) AddGrain(hub, registration, grain);
        return Task.FromResult(HomeAnswer.Done);
    }

    public Task UnregisterAsync(string process, Guid session, string provider, StreamId streamId, long number)
    {
        SubscriberSession? known;
        lock (_sessionsLock) _sessions.TryGetValue(process, out known);
        if (known?.Id == session) known.Remove(HubOf(provider), streamId, number);
        return Task.CompletedTask;
    }

    public Task<bool> RenewAsync(string process, Guid session)
    {
        SubscriberSession? known;
        lock (_sessionsLock) _sessions.TryGetValue(process, out known);
        if (known?.Id != session) return Task.FromResult(false);
        known.Renew();
        return Task.FromResult(true);
    }

    public Task<bool> DeliverAsync(string home, Guid session, long number, ImmutableArray<StreamEntry> entries)
    {
        var isTaken = LinkTo(home).TryTake(session, number, () => Arrive(entries), out var isBroken);
        if (isBroken) OnHomeLost(home);
        return Task.FromResult(isTaken);
    }

    public Task EndedAsync(string home, Guid session)
    {
        if (_links.TryGetValue(home, out var link) && link.End(session)) OnHomeLost(home);
        return Task.CompletedTask;
    }

    public Task<HomeAnswer> PublishAsync(StreamPublication publication)
    {
        if (!IsHomeBy(publication.StreamId, publication.View)) return Task.FromResult(HomeAnswer.NotHome);
        var hub = HubOf(publication.Provider);
        if (publication.Lost) hub.Tell(publication.StreamId, new QueueCacheMissException($"A producer of stream {publication.StreamId} published more than could be sent."), onlyHere: false);
        hub.Publish(publication.StreamId, publication.Producer, publication.Number, [.. publication.Parcels.Select(parcel => parcel.ToParcel())]);
        return Task.FromResult(HomeAnswer.Done);
    }

    public Task<HomeAnswer> RemoveGrainAsync(string provider, StreamId streamId, long view, Guid subscription)
    {
        if (!IsHomeBy(streamId, view)) return Task.FromResult(HomeAnswer.NotHome);
        if (FindGrain(HubOf(provider), streamId, subscription) is { IsImplicit: false } found)
        {
            found.Close();
            found.Hub.Find(streamId)?.Remove(found);
            foreach (var sponsor in found.TakeSponsors()) _ = PeerOf(sponsor).ForgetGrainAsync(provider, streamId, subscription);
        }

        return Task.FromResult(HomeAnswer.Done);
    }

    public Task<ImmutableArray<Guid>?> GrainSubscriptionsAsync(string provider, StreamId streamId, long view, GrainId grainId)
    {
        if (!IsHomeBy(streamId, view)) return Task.FromResult<ImmutableArray<Guid>?>(null);
        ImmutableArray<Guid>? found =
        [
            .. (HubOf(provider).Find(streamId)?.Snapshot() ?? []).OfType<GrainSubscription>()
                .Where(subscription => subscription.GrainId == grainId && !subscription.IsImplicit).Select(subscription => subscription.Id),
        ];
        return Task.FromResult(found);
    }

    public Task ForgetGrainAsync(string provider, StreamId streamId, Guid subscription)
    {
        if (FindHub(provider) is { } hub && _interests.TryGetValue((hub, streamId), out var interest)) interest.RemoveGrain(subscription);
        return Task.CompletedTask;
    }

    private static GrainSubscription? FindGrain(StreamHub hub, StreamId streamId, Guid id) =>
        hub.Find(streamId)?.Snapshot().OfType<GrainSubscription>().FirstOrDefault(subscription => subscription.Id == id);

    /// <summary>Whether this process is the home, or will find out that it is: the asker knows a newer view.</summary>
    private bool IsHomeBy(StreamId streamId, long view) => _membership.View.Version < view || HomeOf(streamId) == ProcessId;

    private void AddGrain(StreamHub hub, StreamRegistration registration, GrainSubscriptionMessage grain)
    {
        var known = FindGrain(hub, registration.StreamId, grain.Id);
        if (known is null)
        {
            hub.Subscribe(registration.StreamId, new GrainSubscription(hub, registration.StreamId, grain.Id, grain.GrainId, isImplicit: false, null));
            known = FindGrain(hub, registration.StreamId, grain.Id);
            if (registration.Again) known?.Tell(StreamInterest.Lost(registration.StreamId));
        }

        known?.AddSponsor(registration.Process, registration.View);
    }

    private SubscriberSession SessionOf(string process, Guid id)
    {
        SubscriberSession? former;
        SubscriberSession made;
        lock (_sessionsLock)
        {
            if (_sessions.TryGetValue(process, out former) && former.Id == id) return former;
            _sessions[process] = made = new SubscriberSession(this, process, id);
        }

        former?.End("it began another session");
        return made;
    }

    private void Arrive(ImmutableArray<StreamEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (FindHub(entry.Provider) is not { } hub) continue;
            if (entry.Parcel is { } parcel) hub.Arrive(entry.StreamId, parcel.ToParcel());
            else hub.Tell(entry.StreamId, new QueueCacheMissException($"Items of stream {entry.StreamId} are missing."), onlyHere: true);
        }
    }

    private void OnHomeLost(string home)
    {
        if (!_stop.IsCancellationRequested) LogHomeLost(home);
        RecheckAll();
    }

    /// <summary>As a home: gives up what has another home by now.</summary>
    private void GiveUp()
    {
        List<SubscriberSession> sessions;
        lock (_sessionsLock) sessions = [.. _sessions.Values];
        foreach (var session in sessions) session.RemoveWhere(IsOfAnother);
        foreach (var hub in _hubs.Keys)
        {
            foreach (var topic in hub.Topics)
            {
                if (!Array.Exists(topic.Snapshot(), subscription => subscription is GrainSubscription { IsImplicit: false }) || HomeOf(topic.StreamId) == ProcessId) continue;
                foreach (var subscription in topic.Snapshot().OfType<GrainSubscription>())
                    if (!subscription.IsImplicit && IsOfAnother(topic.StreamId, subscription.View)) PassOn(topic, subscription);
            }
        }
    }

    /// <summary>Whether a stream has its home elsewhere by now. Whoever registered by a view that is not known here yet knows better.</summary>
    private bool IsOfAnother(StreamId streamId, long view) => _membership.View.Version >= view && HomeOf(streamId) != ProcessId;

    /// <summary>A grain's subscription goes to the stream's new home; whoever made it registers it there as well, unless it is gone.</summary>
    private void PassOn(StreamTopic topic, GrainSubscription subscription)
    {
        var interest = Interest(
            subscription.Hub, topic.StreamId, static (interest, grain) => interest.TryAddGrain(grain.Id, grain.GrainId), subscription);
        topic.Remove(subscription);
        Recheck(interest);
    }

    /// <summary>Says to each home that this process is there, and lets go of processes that do not say so.</summary>
    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.Heartbeat, Surroundings.Time, _stop.Token);
                RenewAll();
                List<SubscriberSession> silent;
                lock (_sessionsLock) silent = [.. _sessions.Values.Where(session => session.SilentMs > 2 * _options.Lease.TotalMilliseconds)];
                foreach (var session in silent) session.End("it was silent for too long");
                RecheckAll();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>Begins a renewal with each home that has none under way: nobody waits for one that does not answer.</summary>
    private void RenewAll()
    {
        var wanted = _interests.Select(pair => pair.Value.Session).ToHashSet();
        foreach (var link in _links.Values.OrderBy(link => link.Process, StringComparer.Ordinal))
        {
            var session = link.Session;
            if (wanted.Contains(session))
            {
                if (link.TryBeginRenewal()) _ = RenewAsync(link, session);
            }
            else if (!_membership.View.Members.Any(member => member.Address.ToParsableString() == link.Process))
            {
                // Nothing of it is wanted any more.
                _links.TryRemove(new(link.Process, link));
            }
        }
    }

    private async Task RenewAsync(HomeLink link, Guid session)
    {
        try
        {
            if (!await PeerOf(link.Process).RenewAsync(ProcessId, session) && link.End(session)) OnHomeLost(link.Process);
        }
        catch (Exception exception) when (IsAway(exception))
        {
            // If it lost anything by that, it will know nothing of the session; if it is gone, another becomes the home.
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            LogRenewalFailed(link.Process, exception);
        }
        catch (Exception)
        {
            // The process ends.
        }
        finally
        {
            link.EndRenewal();
        }
    }
}
