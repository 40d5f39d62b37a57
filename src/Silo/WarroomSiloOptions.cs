using System.ComponentModel.DataAnnotations;

namespace Warroom;

/// <summary>The silo's place in its cluster: section <c>Cluster</c>.</summary>
public sealed class WarroomSiloOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Cluster";

    /// <summary>The cluster's name: silos with another name do not see each other. Default <c>warroom</c>.</summary>
    [Required]
    public string ClusterId { get; set; } = "warroom";

    /// <summary>The name under which state is kept across clusters. Default <c>warroom</c>.</summary>
    [Required]
    public string ServiceId { get; set; } = "warroom";

    /// <summary>The port for other silos. Default 11111.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>The port for clients in other processes. Default 30000.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_000;
}
