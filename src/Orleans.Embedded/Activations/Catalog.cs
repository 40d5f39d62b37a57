using System.Collections.Concurrent;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Activations;

/// <summary>The grains that are active in this silo.</summary>
internal sealed class Catalog(SiloRuntime runtime, GrainMap grains)
{
    private readonly ConcurrentDictionary<GrainId, ICallTarget> _targets = new();
    private int _activations;

    public int ActivationCount => Volatile.Read(ref _activations);

    /// <summary>Where calls to the grain go: to its activation, which is made if there is none.</summary>
    /// <exception cref="OrleansException">No class has the grain's type.</exception>
    /// <exception cref="SiloUnavailableException">The silo is stopping and makes no activations any more.</exception>
    public ICallTarget GetOrCreate(GrainId grainId)
    {
        if (_targets.TryGetValue(grainId, out var target)) return target;
        var grainClass = grains.FindClass(grainId.Type)
            ?? throw new OrleansException($"There is no grain class for type \"{grainId.Type}\", so grain {grainId} cannot be called.");
        runtime.RequireActive();
        return _targets.GetOrAdd(
            grainId,
            static (id, context) => context.grainClass.WorkersMax > 0
                ? new StatelessWorkers(context.runtime, context.grainClass, id)
                : new ActivationContext(context.runtime, context.grainClass, id),
            (runtime, grainClass));
    }

    /// <summary>Where calls to the grain go; null if it has no activation here. What is routed away from here is not brought back.</summary>
    public ICallTarget? Find(GrainId grainId) =>
        _targets.TryGetValue(grainId, out var target) && !(target is HandedOnCalls handedOn && handedOn.IsSendingOnThisThread) ? target : null;

    /// <summary>Puts a successor in the place of an activation that has ended.</summary>
    public void Replace(GrainId grainId, ICallTarget old, ICallTarget successor) => _targets.TryUpdate(grainId, successor, old);

    public void Remove(GrainId grainId, ICallTarget old) => _targets.TryRemove(new KeyValuePair<GrainId, ICallTarget>(grainId, old));

    public void OnActivated()
    {
        Interlocked.Increment(ref _activations);
        runtime.Metrics.Created.Add(1);
    }

    public void OnEnded()
    {
        Interlocked.Decrement(ref _activations);
        runtime.Metrics.Destroyed.Add(1);
    }

    /// <summary>All activations, stateless workers included.</summary>
    public IEnumerable<ActivationContext> Activations()
    {
        foreach (var (_, target) in _targets)
        {
            if (target is ActivationContext activation)
            {
                yield return activation;
            }
            else if (target is StatelessWorkers workers)
            {
                foreach (var worker in workers.Snapshot()) yield return worker;
            }
        }
    }
}
