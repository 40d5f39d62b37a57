using System.Net;

namespace Orleans.Runtime;

/// <summary>What a silo is doing.</summary>
public enum SiloStatus
{
    /// <summary>Nothing is known.</summary>
    None,

    /// <summary>It is there but not part of the cluster yet.</summary>
    Created,

    /// <summary>It is becoming part of the cluster.</summary>
    Joining,

    /// <summary>It serves.</summary>
    Active,

    /// <summary>It is stopping and hands its grains over.</summary>
    ShuttingDown,

    /// <summary>It is stopping at once.</summary>
    Stopping,

    /// <summary>It is gone.</summary>
    Dead,
}

/// <summary>What a silo knows of itself.</summary>
public interface ILocalSiloDetails
{
    /// <summary>The silo's name.</summary>
    string Name { get; }

    /// <summary>The cluster's identity.</summary>
    string ClusterId { get; }

    /// <summary>The name under which the silo is found in its network.</summary>
    string DnsHostName { get; }

    /// <summary>The silo's address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Where clients reach the silo.</summary>
    SiloAddress GatewayAddress { get; }
}

/// <summary>How many activations of a grain class a silo has.</summary>
[GenerateSerializer, Immutable]
public class SimpleGrainStatistic
{
    /// <summary>The class, as <c>Namespace.Class,Assembly</c>.</summary>
    [Id(0)]
    public string GrainType { get; set; } = "";

    /// <summary>The silo.</summary>
    [Id(1)]
    public SiloAddress? SiloAddress { get; set; }

    /// <summary>How many.</summary>
    [Id(2)]
    public int ActivationCount { get; set; }
}

/// <summary>One activation.</summary>
[GenerateSerializer, Immutable]
public class DetailedGrainStatistic
{
    /// <summary>The class, as <c>Namespace.Class,Assembly</c>.</summary>
    [Id(0)]
    public string GrainType { get; set; } = "";

    /// <summary>The silo.</summary>
    [Id(1)]
    public SiloAddress? SiloAddress { get; set; }

    /// <summary>The grain.</summary>
    [Id(2)]
    public GrainId GrainId { get; set; }
}

/// <summary>How a silo is doing.</summary>
[GenerateSerializer, Immutable]
public class SiloRuntimeStatistics
{
    internal SiloRuntimeStatistics(int activationCount, int recentlyUsed, DateTime dateTime)
    {
        ActivationCount = activationCount;
        RecentlyUsedActivationCount = recentlyUsed;
        DateTime = dateTime;
    }

    /// <summary>Activations in memory.</summary>
    [Id(0)]
    public int ActivationCount { get; internal set; }

    /// <summary>Activations that were used within the last ten minutes.</summary>
    [Id(1)]
    public int RecentlyUsedActivationCount { get; internal set; }

    /// <summary>When the figures were taken, UTC.</summary>
    [Id(2)]
    public DateTime DateTime { get; internal set; }
}

/// <summary>Shows and steers the cluster; its key is 0.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>The silos and what they do; on demand only those that serve.</summary>
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    /// <summary>Runs the garbage collector in these silos.</summary>
    Task ForceGarbageCollection(SiloAddress[] hostsIds);

    /// <summary>Ends activations in these silos that were idle for so long; busy ones are spared.</summary>
    Task ForceActivationCollection(SiloAddress[] hostsIds, TimeSpan ageLimit);

    /// <summary>Ends activations in all silos that were idle for so long; busy ones are spared.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);

    /// <summary>Figures of these silos.</summary>
    Task<SiloRuntimeStatistics[]> GetRuntimeStatistics(SiloAddress[] hostsIds);

    /// <summary>Activations by class in these silos.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics(SiloAddress[] hostsIds);

    /// <summary>Activations by class in all silos.</summary>
    Task<SimpleGrainStatistic[]> GetSimpleGrainStatistics();

    /// <summary>Every activation, of these classes and silos if any are named.</summary>
    Task<DetailedGrainStatistic[]> GetDetailedGrainStatistics(string[]? types = null, SiloAddress[]? hostsIds = null);

    /// <summary>How many activations there are in all silos.</summary>
    Task<int> GetTotalActivationCount();

    /// <summary>The silo in which the grain is active; null if it is not.</summary>
    ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference);

    /// <summary>The active grains of a type.</summary>
    ValueTask<List<GrainId>> GetActiveGrains(GrainType type);
}
