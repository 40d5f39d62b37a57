namespace Orleans.TestingHost;

/// <summary>What one silo of a test cluster has of its own.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>The silo's port.</summary>
    public int SiloPort { get; set; }

    /// <summary>The silo's port for clients.</summary>
    public int GatewayPort { get; set; }

    /// <summary>The silo's name.</summary>
    public string SiloName { get; set; } = "";
}
