using System.ComponentModel.DataAnnotations;

namespace Warroom.Models;

/// <summary>How much each model endpoint is asked at once: section <c>Ollama</c>.</summary>
public sealed class ModelGatewayOptions
{
    /// <summary>The section's name; shared with the endpoints.</summary>
    public const string Section = "Ollama";

    /// <summary>Requests at once for each endpoint. Default 4.</summary>
    [Range(1, 256)]
    public int MaxConcurrentPerEndpoint { get; set; } = 4;

    /// <summary>The most that wait for one endpoint; more are refused. Default 64.</summary>
    [Range(0, 100_000)]
    public int QueueLimit { get; set; } = 64;

    /// <summary>Failures one after another that open the circuit. Default 5.</summary>
    [Range(1, 1000)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>How long an open circuit stays so, before one request may try. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan BreakerOpenTime { get; set; } = TimeSpan.FromSeconds(60);
}
