namespace Warroom.Operations;

/// <summary>The base of all grains of Warroom: operators can end their activations.</summary>
public abstract class OperableGrain : Grain, IOperableGrain
{
    /// <inheritdoc/>
    public Task LeaveMemoryAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
