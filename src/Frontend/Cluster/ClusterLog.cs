namespace Warroom.Frontend.Cluster;

/// <summary>What the cluster's endpoints log.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(4600, LogLevel.Information, "Audit: {RequestedBy} lets grain {GrainId} leave memory (command {CommandId})")]
    public static partial void Deactivates(ILogger logger, string requestedBy, string grainId, Guid commandId);
}
