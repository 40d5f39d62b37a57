using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>One activation as the runtime sees it.</summary>
public interface IGrainContext : ITargetHolder, IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>Who the grain is.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain's object; null before it is made.</summary>
    object? GrainInstance { get; }

    /// <summary>Who the activation is.</summary>
    ActivationId ActivationId { get; }

    /// <summary>Services whose scope is the activation: scoped ones are made once and disposed after the activation ended.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Keeps an object with the activation, found by its type; null removes it.</summary>
    void SetComponent<TComponent>(TComponent? value) where TComponent : class;

    /// <summary>
    /// Ends the activation once the running turn is done. Calls that wait go on to the next activation.
    /// The token ends the waiting for running calls, not the deactivation.
    /// </summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

/// <summary>Tells which activation the running code belongs to.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The activation whose turn runs on this thread.</summary>
    /// <exception cref="InvalidOperationException">No activation's turn runs here.</exception>
    IGrainContext GrainContext { get; }
}

/// <summary>Shorter ways to say things of a <see cref="IGrainContext"/>.</summary>
public static class GrainContextExtensions
{
    /// <summary>Ends the activation and waits until it has ended.</summary>
    public static Task DeactivateAsync(
        this IGrainContext grainContext, DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        grainContext.Deactivate(deactivationReason, cancellationToken);
        return grainContext.Deactivated;
    }
}
