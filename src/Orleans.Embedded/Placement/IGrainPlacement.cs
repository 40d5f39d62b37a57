using Orleans.Runtime;

namespace Orleans.Embedded.Placement;

/// <summary>Which silo owns a grain.</summary>
internal interface IGrainPlacement
{
    SiloAddress Locate(GrainId grainId);
}

/// <summary>The placement of a cluster of one silo.</summary>
internal sealed class SingleSiloPlacement(SiloAddress silo) : IGrainPlacement
{
    public SiloAddress Locate(GrainId grainId) => silo;
}
