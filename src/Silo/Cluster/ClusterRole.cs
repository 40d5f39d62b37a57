namespace Warroom;

/// <summary>What a front end's process is in the cluster.</summary>
public enum ClusterRole
{
    /// <summary>Front end and silo in one process.</summary>
    All,

    /// <summary>A front end alone: it calls the grains of silos in other processes.</summary>
    Client,
}

/// <summary>How silos and clients find each other.</summary>
public enum ClusterMembership
{
    /// <summary>There is one process. It opens no port for others.</summary>
    Single,

    /// <summary>Through a table in the database.</summary>
    Database,
}
