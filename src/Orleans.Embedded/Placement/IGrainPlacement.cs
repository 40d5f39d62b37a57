using Orleans.Runtime;

namespace Orleans.Embedded.Placement;

/// <summary>Which silo owns a grain.</summary>
internal interface IGrainPlacement
{
    /// <summary>The view by which <see cref="Locate"/> answers. Read after an answer, it is that answer's view or a newer one.</summary>
    long Version { get; }

    /// <summary>The grain's owner by the newest view; null while no silo is active.</summary>
    SiloAddress? Locate(GrainId grainId);

    /// <summary>Whether the grain had another owner than now in any view after that one. Whoever did not see all views in between asks this.</summary>
    bool HasMoved(GrainId grainId, long since);

    /// <summary>Whether this silo owns the grain, its lease holds, and nobody who lives can still take itself for the owner; it may have the grain active.</summary>
    bool IsKnownOwner(GrainId grainId);

    /// <summary>
    /// Whether this silo may activate the grain now: it owns it, its lease holds, and whoever owned it before has given it up or is dead.
    /// False also when another silo owns it.
    /// </summary>
    bool MayActivate(GrainId grainId);

    /// <summary>Whether nobody has anything left to give up to this silo. Read after a view, it is about that view or a newer one.</summary>
    bool IsSettled => true;

    /// <summary>Completes when an answer of <see cref="IsSettled"/>, <see cref="Locate"/> or <see cref="MayActivate"/> may have changed since it was read; take it before asking.</summary>
    Task Changed { get; }
}

/// <summary>The placement of a cluster of one silo.</summary>
internal sealed class SingleSiloPlacement(SiloAddress silo) : IGrainPlacement
{
    private static readonly Task s_never = new TaskCompletionSource().Task;

    public long Version => 1;

    public SiloAddress? Locate(GrainId grainId) => silo;

    public bool HasMoved(GrainId grainId, long since) => false;

    public bool IsKnownOwner(GrainId grainId) => true;

    public bool MayActivate(GrainId grainId) => true;

    public Task Changed => s_never;
}
