using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.Observers;

/// <summary>
/// The objects outside of grains that grains call back. They are held weakly, as on Orleans: an object that nobody else keeps is gone, and with it
/// its reference.
/// </summary>
internal sealed class ObserverRegistry(ProcessRuntime runtime)
{
    public static readonly GrainType Type = GrainType.Create("sys.observer");

    private readonly ConcurrentDictionary<GrainId, ObserverContext> _observers = new();
    private readonly ConditionalWeakTable<object, ObserverContext> _byObject = [];
    private int _added;

    public GrainId Register(IGrainObserver observer)
    {
        var context = _byObject.GetValue(observer, self =>
        {
            var id = GrainId.Create(Type, $"{runtime.ProcessId}+{Guid.NewGuid():N}");
            var made = new ObserverContext(runtime, id, self);
            _observers[id] = made;
            return made;
        });
        if (Interlocked.Increment(ref _added) % 256 == 0) ForgetTheDead();
        return context.GrainId;
    }

    public void Remove(GrainId id)
    {
        if (!_observers.TryRemove(id, out var context)) return;
        context.Close();
        if (context.Observer is { } observer) _byObject.Remove(observer);
    }

    public ICallTarget Find(GrainId id) => _observers.TryGetValue(id, out var context) && context.Observer is not null
        ? context
        : throw new ClientNotAvailableException($"Observer {id} is gone: it was deleted, or nobody keeps its object alive.");

    private void ForgetTheDead()
    {
        foreach (var (id, context) in _observers)
            if (context.Observer is null) Remove(id);
    }
}
