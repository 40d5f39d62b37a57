using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Warroom;

/// <summary>The process's place in its cluster: section <c>Cluster</c>.</summary>
public sealed class WarroomSiloOptions : IValidatableObject
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Cluster";

    /// <summary>The shortest secret that is taken.</summary>
    public const int SecretLengthMin = 16;

    /// <summary>What a front end's process is: <c>All</c> (front end and silo in one process) or <c>Client</c> (front end alone; the silos are processes of their own). A silo's own process does not ask. Default <c>All</c>.</summary>
    public ClusterRole Role { get; set; } = ClusterRole.All;

    /// <summary>How the processes find each other: <c>Single</c> (there is one process, and it opens no port for others) or <c>Database</c>. Default: <c>Single</c> for a front end with role <c>All</c>; a silo's own process and a <c>Client</c> take <c>Database</c> alone.</summary>
    public ClusterMembership? Membership { get; set; }

    /// <summary>The cluster's name: silos with another name do not see each other. Default <c>warroom</c>.</summary>
    [Required]
    public string ClusterId { get; set; } = "warroom";

    /// <summary>The name under which state is kept across clusters. Default <c>warroom</c>.</summary>
    [Required]
    public string ServiceId { get; set; } = "warroom";

    /// <summary>The silo's name, for people. Default: the machine's name and the process id.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? SiloName { get; set; }

    /// <summary>The IP address at which others reach this silo. Any other than loopback's makes it listen on all addresses. Default <c>127.0.0.1</c>.</summary>
    [Required]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>The port for other silos. Default 11111.</summary>
    [Range(1, 65_535)]
    public int SiloPort { get; set; } = 11_111;

    /// <summary>The port for clients in other processes. Default 30000.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_000;

    /// <summary>What all processes of the cluster know and nobody else does; who does not know it is not spoken to. At least 16 characters, for example of <c>openssl rand -hex 32</c>. Required where there is more than one process. No default.</summary>
    public string? Secret { get; set; }

    /// <summary>Whether there may be other processes.</summary>
    public bool IsShared => Role == ClusterRole.Client || Membership == ClusterMembership.Database;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IPAddress.TryParse(AdvertisedAddress, out _))
            yield return new($"Cluster__AdvertisedAddress is \"{AdvertisedAddress}\"; it must be an IP address.", [nameof(AdvertisedAddress)]);
        if (Role == ClusterRole.Client && Membership == ClusterMembership.Single)
            yield return new("Cluster__Role=Client needs Cluster__Membership=Database (or none): its silos are other processes.", [nameof(Membership)]);
        if (IsShared && (Secret?.Length ?? 0) < SecretLengthMin)
        {
            yield return new(
                $"Cluster__Secret is {(string.IsNullOrEmpty(Secret) ? "missing" : "too short")}: processes of a cluster prove to each other that they know it. Set the same in all of them, at least {SecretLengthMin} characters, such as the output of: openssl rand -hex 32",
                [nameof(Secret)]);
        }
    }
}
