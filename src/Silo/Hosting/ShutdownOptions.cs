using System.ComponentModel.DataAnnotations;

namespace Warroom.Hosting;

/// <summary>How a process ends after SIGTERM, SIGINT or an operator's drain: section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Shutdown";

    /// <summary>How long <c>/ready</c> says no before the process stops accepting: behind a balancer a little more than its probe's period. 0 to 5 min. Default 0.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan NotReadyTime { get; set; }

    /// <summary>How long requests in flight may take to finish; then they are cut. 0.1 s to 10 min. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the silo may take to hand its grains over and end. 1 s to 30 min. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan HandOverTime { get; set; } = TimeSpan.FromSeconds(60);
}
