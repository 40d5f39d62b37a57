using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Activations;

/// <summary>The activations of one stateless worker. A call goes to an idle one, to a new one while there may be more, or to the shortest queue.</summary>
internal sealed class StatelessWorkers(SiloRuntime runtime, GrainClass grainClass, GrainId grainId) : ICallTarget
{
    private readonly Lock _lock = new();
    private readonly List<ActivationContext> _workers = new(grainClass.WorkersMax);
    private bool _retired;

    public bool TryAccept(GrainRequest request)
    {
        while (true)
        {
            var worker = Pick();
            if (worker is null) return false;
            if (worker.TryAccept(request)) return true;
            Remove(worker);
        }
    }

    public ActivationContext[] Snapshot()
    {
        lock (_lock) return [.. _workers];
    }

    public void Remove(ActivationContext worker)
    {
        lock (_lock)
        {
            if (!_workers.Remove(worker) || _workers.Count > 0) return;
            _retired = true;
            runtime.Catalog.Remove(grainId, this);
        }
    }

    private ActivationContext? Pick()
    {
        lock (_lock)
        {
            // The last worker that ended took this object out of the catalog: calls must not come here any more.
            if (_retired) return null;
            ActivationContext? best = null;
            foreach (var worker in _workers)
            {
                if (worker.Load == 0) return worker;
                if (best is null || worker.Load < best.Load) best = worker;
            }

            if (_workers.Count >= grainClass.WorkersMax || !runtime.IsActive) return best;
            var fresh = new ActivationContext(runtime, grainClass, grainId, this);
            _workers.Add(fresh);
            return fresh;
        }
    }
}
