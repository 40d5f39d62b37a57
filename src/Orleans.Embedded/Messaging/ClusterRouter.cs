using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Observers;
using Orleans.Embedded.Placement;
using Orleans.Embedded.Sequences;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>
/// Routes calls in a cluster: to the catalog of this silo, over the connection to the grain's owner, to the process that an observer or system target lives in, or
/// into the waiting room while nobody may serve the grain. It serves a silo, and a client, which owns nothing.
/// </summary>
internal sealed class ClusterRouter : IMessageRouter
{
    /// <summary>So many silos in a row may hand a call on; their views of the cluster differ for moments only.</summary>
    private const int HandedOnMax = 2;

    private readonly ProcessRuntime _runtime;
    private readonly SiloRuntime? _silo;
    private readonly IMembership _membership;
    private readonly IGrainPlacement _placement;
    private readonly WaitingRoom _room;
    private ClusterNetwork _network = null!;
    private MovedCalls _moved = null!;

    public ClusterRouter(ProcessRuntime runtime, IMembership membership, IGrainPlacement placement)
    {
        _runtime = runtime;
        _silo = runtime as SiloRuntime;
        _membership = membership;
        _placement = placement;
        _room = new WaitingRoom(this, placement);
    }

    /// <summary>The connections; set once, before the first call.</summary>
    public ClusterNetwork Network
    {
        get => _network;
        set
        {
            _network = value;
            _moved = new MovedCalls(value, _placement);
        }
    }

    /// <summary>How many calls wait for their grain's silo.</summary>
    public int WaitingCount => _room.Count;

    /// <summary>Whether the target is bound to a process and not placed as grains are.</summary>
    public static bool NamesProcess(GrainId grainId) => grainId.Type == ObserverRegistry.Type || SystemTargets.IsOne(grainId);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong on the way to a grain is the answer to the call.")]
    public void Route(GrainRequest request)
    {
        try
        {
            while (true)
            {
                var target = Find(request, fromRoom: false);
                if (!target.TryAccept(request)) continue;
                if (!ReferenceEquals(target, _room)) request.Reference!.Target = target;
                return;
            }
        }
        catch (Exception exception)
        {
            End(request, exception);
        }
    }

    /// <summary>A call was sent to a silo by a route of that view.</summary>
    public void OnSent(GrainRequest request, SiloAddress silo, long version)
    {
        if (_placement.Version != version) _moved.Note(request, silo);
    }

    /// <summary>A call that was sent nowhere: its silo has gone before.</summary>
    public void RouteUnsent(GrainRequest request)
    {
        if (request.IsAnswered && !request.IsOneWay) return;
        Network.Metrics.Routed.Add(1);
        request.IsTakenBack = true;
        _room.TakeBack(request, delayed: false);
    }

    /// <summary>A call that its silo did not begin. If this process still takes that silo for the owner, it waits until one of them knows better.</summary>
    public void RouteNotBegun(GrainRequest request, PeerIdentity by)
    {
        request.Holder = null;
        if (request.Inbound is not null)
        {
            request.Refuse(new SiloUnavailableException($"{by} did not begin {request}, which was handed on to it."));
            return;
        }

        Network.Metrics.Routed.Add(1);
        request.IsTakenBack = true;
        _room.TakeBack(request, delayed: by.Address is { } silo && silo.Equals(_placement.Locate(request.Reference!.GrainId)));
    }

    /// <summary>Tries to send on a call that waits; false if it has to wait on.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong on the way to a grain is the answer to the call.")]
    public bool TryRouteFromRoom(GrainRequest request)
    {
        try
        {
            while (true)
            {
                var target = Find(request, fromRoom: true);
                if (ReferenceEquals(target, _room)) return false;
                if (target.TryAccept(request)) return true;
            }
        }
        catch (Exception exception)
        {
            End(request, exception);
            return true;
        }
    }

    /// <summary>The call has waited for too long.</summary>
    public void GiveUp(GrainRequest request)
    {
        var grainId = request.Reference!.GrainId;
        if (NamesProcess(grainId)) request.Fail(new ClientNotAvailableException($"The process of {grainId} has no connection here."));
        else request.Fail(new TimeoutException($"Response did not arrive on time for {request}: no silo could serve the grain ({Explain(grainId)})."));
    }

    private string Explain(GrainId grainId) => _placement.Locate(grainId) is not { } owner ? "no silo is active"
        : _silo is { } silo && owner.Equals(silo.Address) ? "its earlier owner has not given it up"
        : $"silo {owner} cannot be reached: {Network.LinkTo(owner)?.LastFailure?.Message ?? "it does not begin the call"}";

    private ICallTarget Find(GrainRequest request, bool fromRoom)
    {
        var grainId = request.Reference!.GrainId;
        if (Network.IsEnded) throw new SiloUnavailableException($"{_runtime.ProcessId} has ended its connections.");
        if (!fromRoom && _room.Holds(grainId)) return _room;
        if (NamesProcess(grainId)) return FindProcess(request, grainId);

        // Its own calls of the grain keep their order, also while it moves.
        if (request.Inbound is null && _moved.Holds(grainId, _placement.Version)) return _room;
        if (_silo is { } silo)
        {
            silo.RequireRunning();
            if (silo.Catalog.Find(grainId) is { } active) return active;
            if (silo.Grains.FindClass(grainId.Type) is not { WorkersMax: 0 }) return silo.Catalog.GetOrCreate(grainId);
        }
        else if (_runtime.Grains.FindClass(grainId.Type) is { WorkersMax: > 0 })
        {
            return Network.AnyLink() is { } any ? any.RouteIn(_membership, _membership.View.Version) : _room;
        }

        // The version first: if the view changes between the two, the route is good for nothing and is looked for again.
        var version = _membership.View.Version;
        if (_placement.Locate(grainId) is not { } owner) return _room;
        if (_silo is not null && owner.Equals(_silo.Address)) return _placement.MayActivate(grainId) ? _silo.Catalog.GetOrCreate(grainId) : _room;
        if (request.Inbound is { } inbound)
        {
            // Whoever of the two is behind waits. A sequence is not handed on, because its items go from silo to caller.
            if (inbound.View > version) return _room;
            if (request is IGrainSequence) throw new SiloUnavailableException($"Grain {grainId} belongs to silo {owner}.");
            HandOn(request, inbound, owner);
        }

        return Network.LinkTo(owner) is { } link ? link.RouteIn(_membership, version) : _room;
    }

    private ICallTarget FindProcess(GrainRequest request, GrainId grainId)
    {
        var processId = SystemTargets.ProcessOf(grainId);
        if (processId == _runtime.ProcessId) return SystemTargets.IsOne(grainId) ? _runtime.SystemTargets.Find(grainId) : _runtime.Observers.Find(grainId);
        if (request.Inbound is { } inbound) HandOn(request, inbound, processId);
        if (SiloAddress.TryParse(processId, out var silo))
        {
            if (_membership.View.Dead.Any(member => member.Address.Equals(silo)))
            {
                throw SystemTargets.IsOne(grainId) ? new SiloUnavailableException($"Silo {silo} is gone.")
                    : new ClientNotAvailableException($"Silo {silo} is gone, and {grainId} with it.");
            }

            return Network.LinkTo(silo) is { } link ? link.RouteIn(_membership, _membership.View.Version) : _room;
        }

        if (_silo is not null) return Network.Client(processId) is { } connection ? new ClientRoute(connection) : _room;

        // From client to client: every silo knows all clients.
        return Network.AnyLink() is { } any ? any.RouteIn(_membership, _membership.View.Version) : _room;
    }

    private void HandOn(GrainRequest request, InboundCall inbound, object to)
    {
        if (inbound.Detours >= HandedOnMax) throw new SiloUnavailableException($"{request} was handed on {HandedOnMax} times already; here it seems to belong to {to}.");
        if (request.Detours == inbound.Detours) Network.Metrics.Forwarded.Add(1);
        request.Detours = (byte)(inbound.Detours + 1);
    }

    /// <summary>What this silo cannot do, another may: whoever sent the call is told that it was not begun.</summary>
    private static void End(GrainRequest request, Exception exception)
    {
        if (exception is SiloUnavailableException) request.Refuse(exception);
        else request.Fail(exception);
    }
}
