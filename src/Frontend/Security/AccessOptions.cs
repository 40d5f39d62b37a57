using System.ComponentModel.DataAnnotations;

namespace Warroom.Frontend.Security;

/// <summary>Who may reach the front end. Section <c>Warroom</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>Whether addresses that others can reach are accepted although nobody signs in yet; <c>--insecure</c> sets it. Default: no.</summary>
    public bool Insecure { get; set; }

    /// <summary>Host names that requests may be addressed to, beside loopback's. Default: none; with <see cref="Insecure"/> and none, any.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Origins beside this server's own whose pages may use it, such as <c>https://grafana.example.org</c>. The environment variable <c>CORS_ALLOWED_ORIGINS</c> adds to it, comma-separated. Default: none.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Requests to <c>/api</c> and <c>/hubs</c> that one address may make in a minute. Default: 60.</summary>
    [Range(1, 100_000_000)]
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>The same for loopback: so many that neither an incident nor a load test meets it, so few that a program in a circle does. Default: 3,000,000.</summary>
    [Range(1, 100_000_000)]
    public int LoopbackRequestsPerMinute { get; set; } = 3_000_000;

    /// <summary>Alert messages that one address may post in a minute. Default: 100.</summary>
    [Range(1, 100_000_000)]
    public int WebhooksPerMinute { get; set; } = 100;
}
