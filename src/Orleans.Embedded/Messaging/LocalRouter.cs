using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Observers;
using Orleans.Embedded.Placement;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>Routes within one silo.</summary>
internal sealed class LocalRouter(SiloRuntime runtime, IGrainPlacement placement, ObserverRegistry observers) : IMessageRouter
{
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong on the way to a grain is the answer to the call.")]
    public void Route(GrainRequest request)
    {
        try
        {
            var reference = request.Reference!;
            var grainId = reference.GrainId;
            while (true)
            {
                var target = Find(grainId);
                if (!target.TryAccept(request)) continue;
                reference.Target = target;
                return;
            }
        }
        catch (Exception exception)
        {
            request.Fail(exception);
        }
    }

    private ICallTarget Find(GrainId grainId)
    {
        if (grainId.Type == ObserverRegistry.Type) return observers.Find(grainId);
        if (SystemTargets.IsOne(grainId)) return runtime.SystemTargets.Find(grainId);
        runtime.RequireRunning();
        var owner = placement.Locate(grainId);
        if (runtime.Catalog.Find(grainId) is { } target) return target;
        if (runtime.Grains.FindClass(grainId.Type) is { WorkersMax: > 0 }) return runtime.Catalog.GetOrCreate(grainId);
        return runtime.Address.Equals(owner)
            ? placement.MayActivate(grainId) ? runtime.Catalog.GetOrCreate(grainId)
                : throw new SiloUnavailableException($"Grain {grainId} is still being handed over to silo {owner}.")
            : throw new SiloUnavailableException($"Grain {grainId} belongs to silo {owner}, which cannot be reached from here.");
    }
}
