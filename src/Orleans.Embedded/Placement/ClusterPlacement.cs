using Orleans.Embedded.Membership;
using Orleans.Runtime;

namespace Orleans.Embedded.Placement;

/// <summary>
/// Places grains by what is known of the cluster. Only the key counts, not the type: a grain and the stream with its key live in one silo. In a client,
/// which has no lease, no grain may be activated.
/// </summary>
internal sealed class ClusterPlacement(ClusterKnowledge knowledge, SiloLease? lease) : IGrainPlacement
{
    /// <summary>Types of what every silo has its own of; the key says which silo's it is. They are never handed over.</summary>
    public const string SystemTargets = "sys.silo.";

    public long Version => knowledge.Ownership.Version;

    public bool IsSettled => knowledge.Ownership.IsSettled;

    public Task Changed => knowledge.Changed;

    public static bool IsSystemTarget(GrainId grainId) => grainId.Type.Value.Text.StartsWith(SystemTargets, StringComparison.Ordinal);

    public SiloAddress? Locate(GrainId grainId) => IsSystemTarget(grainId) && SiloAddress.TryParse(grainId.Key.Text, out var silo)
        ? silo : knowledge.Ownership.Locate(KeyHash.Of(grainId.Key.Text));

    public bool HasMoved(GrainId grainId, long since) => !IsSystemTarget(grainId) && knowledge.Ownership.HasMoved(KeyHash.Of(grainId.Key.Text), since);

    public bool IsKnownOwner(GrainId grainId) => lease is { Holds: true } && knowledge.Ownership.IsKnownOwner(KeyHash.Of(grainId.Key.Text));

    public bool MayActivate(GrainId grainId) =>
        lease is { Holds: true } && (knowledge.Ownership.MayActivate(KeyHash.Of(grainId.Key.Text)) || IsSystemTarget(grainId));
}
