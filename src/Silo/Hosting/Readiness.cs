namespace Warroom.Hosting;

/// <summary>Whether this process still wants new work: <c>/ready</c> says no from the moment that it begins to stop, long before it ends.</summary>
public sealed class Readiness
{
    private volatile bool _isLeaving;

    /// <summary>Whether the process has begun to stop.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>Ends the readiness for good.</summary>
    public void Leave() => _isLeaving = true;
}
