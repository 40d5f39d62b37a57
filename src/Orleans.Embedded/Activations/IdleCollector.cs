using Orleans.Runtime;

namespace Orleans.Embedded.Activations;

/// <summary>Ends activations that were idle for longer than their class allows.</summary>
internal sealed class IdleCollector(SiloRuntime runtime) : IDisposable
{
    private ITimer? _timer;

    public void Start()
    {
        var options = runtime.Collection;
        if (options.CollectionQuantum <= TimeSpan.Zero)
            throw new OrleansConfigurationException("GrainCollectionOptions.CollectionQuantum must be more than zero.");
        if (options.CollectionAge <= options.CollectionQuantum)
            throw new OrleansConfigurationException("GrainCollectionOptions.CollectionAge must be more than CollectionQuantum.");
        _timer = runtime.Clock.TimeProvider.CreateTimer(
            static self => ((IdleCollector)self!).Collect(), this, options.CollectionQuantum, options.CollectionQuantum);
    }

    public void Stop() => _timer?.Dispose();

    public void Dispose() => Stop();

    /// <summary>Ends all activations that were idle for so long, and waits for that.</summary>
    public async Task CollectAsync(TimeSpan age)
    {
        var now = runtime.Clock.NowMs;
        var ended = new List<Task>();
        foreach (var activation in runtime.Catalog.Activations())
        {
            if (ReferenceEquals(activation, ActivationContext.OfThisTurn) || !activation.IsIdleFor(now, age)) continue;
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Collection was asked for."));
            ended.Add(activation.Deactivated);
        }

        await Task.WhenAll(ended);
    }

    private void Collect()
    {
        var now = runtime.Clock.NowMs;
        foreach (var activation in runtime.Catalog.Activations())
        {
            var age = activation.Class.CollectionAge;
            if (age == Timeout.InfiniteTimeSpan || !activation.IsIdleFor(now, age)) continue;
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "The grain was idle for longer than its collection age."));
        }
    }
}
