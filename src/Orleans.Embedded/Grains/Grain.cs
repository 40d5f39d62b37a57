using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Activations;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain class must be: <see cref="Grain"/> does it, a class of its own may. It gets its context in its constructor.</summary>
public interface IGrainBase
{
    /// <summary>The activation that the object belongs to.</summary>
    IGrainContext GrainContext { get; }

    /// <summary>Runs before the first call; its exception reaches the callers, and the next call tries again.</summary>
    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    /// <summary>Runs as the last turn. The token is cancelled when time is up. It does not run when the process dies.</summary>
    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>The base of grain classes. The grain's calls, timers and continuations run one at a time, so its fields need no locks.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Takes the context of the activation that is being made.</summary>
    protected Grain()
    {
        GrainContext = ActivationContext.OfThisTurn
            ?? throw new InvalidOperationException($"Grains are made by the runtime: call a grain through IGrainFactory.GetGrain, not new {GetType().Name}().");
    }

    /// <summary>The activation that the object belongs to.</summary>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The grain's identity as a text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>Makes references to grains.</summary>
    /// <exception cref="InvalidOperationException">The code runs outside of the grain's turns, as within <c>Task.Run</c>.</exception>
    protected IGrainFactory GrainFactory
    {
        get
        {
            ActivationContext.CheckAccess(GrainContext);
            return ((ActivationContext)GrainContext).GrainFactory;
        }
    }

    /// <summary>Services whose scope is the activation.</summary>
    protected IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    /// <summary>Ends the activation after the running turn; calls that wait go on to the next one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps the activation from being collected for so long; a negative time takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => ((ActivationContext)GrainContext).DelayDeactivation(timeSpan);

    /// <summary>Runs before the first call; its exception reaches the callers, and the next call tries again.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs as the last turn. The token is cancelled when time is up. It does not run when the process dies.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
