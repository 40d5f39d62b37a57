using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Activations;

/// <summary>
/// Stands in the catalog for an activation whose grain goes on in another silo, while the calls that waited in it are routed again. Calls that come
/// meanwhile go behind them, so that nobody's calls change their order.
/// </summary>
internal sealed class HandedOnCalls(SiloRuntime runtime, GrainClass grainClass, GrainId grainId, GrainRequest? first) : ICallTarget
{
    [ThreadStatic]
    private static HandedOnCalls? t_sending;

    private readonly Lock _lock = new();
    private GrainRequest? _first = first;
    private GrainRequest? _last = Last(first);
    private bool _ended;

    /// <summary>Whether it is this that has the router look where calls go.</summary>
    public bool IsSendingOnThisThread => ReferenceEquals(t_sending, this);

    public bool TryAccept(GrainRequest request)
    {
        lock (_lock)
        {
            if (_ended) return false;
            request.Next = null;
            if (_last is null) _first = request;
            else _last.Next = request;
            _last = request;
            return true;
        }
    }

    /// <summary>Routes everything again, and leaves the catalog.</summary>
    public void Send()
    {
        var outer = t_sending;
        t_sending = this;
        while (TakeAll() is { } request)
        {
            for (GrainRequest? next; request is not null; request = next)
            {
                next = request.Next;
                request.Next = null;
                if (request.IsCall) runtime.Router.Route(request);
            }
        }

        t_sending = outer;
    }

    /// <summary>What is to be routed. Null at the end, under the lock under which this leaves the catalog: everything that comes before that is taken.</summary>
    private GrainRequest? TakeAll()
    {
        lock (_lock)
        {
            var taken = _first;
            _first = _last = null;
            if (taken is not null && runtime.IsActive && runtime.Placement.MayActivate(grainId))
            {
                // It came back: the router would bring the calls here again.
                runtime.Catalog.Replace(grainId, this, ActivationContext.After(runtime, grainClass, grainId, taken));
                taken = null;
            }
            else if (taken is null)
            {
                runtime.Catalog.Remove(grainId, this);
            }

            _ended = taken is null;
            return taken;
        }
    }

    private static GrainRequest? Last(GrainRequest? request)
    {
        while (request?.Next is { } next) request = next;
        return request;
    }
}
