using System.Net;
using Orleans.Hosting;

namespace Orleans.Configuration;

/// <summary>Which cluster and service a silo or client belongs to.</summary>
public class ClusterOptions
{
    /// <summary>The cluster: silos that find each other. Default: <c>default</c>.</summary>
    public string ClusterId { get; set; } = "default";

    /// <summary>The service: what stays the same over clusters, as in storage. Default: <c>default</c>.</summary>
    public string ServiceId { get; set; } = "default";
}

/// <summary>Who a silo is.</summary>
public class SiloOptions
{
    /// <summary>The silo's name. Default: <c>Silo_</c> and five characters by chance.</summary>
    public string? SiloName { get; set; }
}

/// <summary>Where a silo is reached.</summary>
public class EndpointOptions
{
    /// <summary>The default of <see cref="SiloPort"/>.</summary>
    public const int DEFAULT_SILO_PORT = 11111;

    /// <summary>The default of <see cref="GatewayPort"/>.</summary>
    public const int DEFAULT_GATEWAY_PORT = 30000;

    /// <summary>The address that others are told. Default: loopback.</summary>
    public IPAddress? AdvertisedIPAddress { get; set; }

    /// <summary>The port for other silos.</summary>
    public int SiloPort { get; set; } = DEFAULT_SILO_PORT;

    /// <summary>The port for clients; 0 for none.</summary>
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;

    /// <summary>Where to listen for other silos, if not at the advertised address.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }

    /// <summary>Where to listen for clients, if not at the advertised address.</summary>
    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

/// <summary>When idle activations are collected.</summary>
public class GrainCollectionOptions
{
    /// <summary>How often the collector looks. Default: one minute.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an activation may be idle; more than <see cref="CollectionQuantum"/>. Default: 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Other ages for classes, by the class's full name or its grain type.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    /// <summary>How long <c>OnActivateAsync</c> may take. Default: 30 seconds.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>OnDeactivateAsync</c>, and the waiting for running calls before it, may take. Default: 30 seconds.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>How calls behave.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer. Default: 30 seconds.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the callee's token is cancelled when the caller stopped waiting. Default: yes.</summary>
    public bool CancelRequestOnTimeout { get; set; } = true;
}

/// <summary>How calls of a silo behave.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>
    /// From how many waiting calls on an activation refuses more with <see cref="Runtime.LimitExceededException"/>. Default: 10,000; 0 for no bound.
    /// </summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; } = 10_000;
}

/// <summary>How calls of a client behave.</summary>
public class ClientMessagingOptions : MessagingOptions;

/// <summary>How <c>AddMemoryGrainStorage</c> behaves.</summary>
public class MemoryGrainStorageOptions
{
    /// <summary>Into how many parts the storage is divided. It has no effect here: access is concurrent anyhow.</summary>
    public int NumStorageGrains { get; set; } = 10;
}

/// <summary>Where a silo's membership is kept.</summary>
public class AdoNetClusteringSiloOptions
{
    /// <summary>How the database is reached.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The database's provider; <c>Npgsql</c> is the one that there is.</summary>
    public string Invariant { get; set; } = "";
}

/// <summary>Where a client finds silos.</summary>
public class AdoNetClusteringClientOptions
{
    /// <summary>How the database is reached.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>The database's provider; <c>Npgsql</c> is the one that there is.</summary>
    public string Invariant { get; set; } = "";
}

/// <summary>Where reminders are kept.</summary>
public class AdoNetReminderTableOptions
{
    /// <summary>The database's provider; <c>Npgsql</c> is the one that there is.</summary>
    public string Invariant { get; set; } = "";

    /// <summary>How the database is reached.</summary>
    public string ConnectionString { get; set; } = "";
}
