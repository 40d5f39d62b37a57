using System.ComponentModel.DataAnnotations;

namespace Orleans.Configuration;

/// <summary>
/// What a cluster of several processes needs beside Orleans' own options. Read from configuration section <c>Cluster</c> of the host, because Orleans
/// has no options of that kind: <c>Cluster__Secret=...</c> as an environment variable. Every process of a cluster has the same values.
/// </summary>
internal sealed class EmbeddedClusterOptions
{
    /// <summary>The section of the host's configuration.</summary>
    public const string Section = "Cluster";

    /// <summary>The fewest characters a secret may have.</summary>
    public const int SecretLengthMin = 16;

    /// <summary>How often a silo renews its lease and looks who is there. Default: 1 second; 20 ms to a third of the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a silo may serve after it asked for its last renewal that was granted. After that it stops by itself, and others may declare it dead.
    /// Default: 5 seconds; 100 ms to 10 minutes, at least three heartbeats.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long before its lease runs out a silo stops, for clocks whose speeds differ. Null (the default) for a fiftieth of the lease: 100 ms of 5 s.
    /// </summary>
    public TimeSpan? LeaseMargin { get; set; }

    /// <summary>How long a silo that starts waits to become a member. Default: 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long dead silos are remembered, for people who ask. Default: one hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DeadRemembered { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// What processes of the cluster prove to each other that they know, at least 16 characters. Needed as soon as the membership is in a database.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>The largest frame between two processes, in bytes. Default: 4 MiB; 64 KiB to 256 MiB.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int FrameMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Encryption of the connections.</summary>
    public EmbeddedTlsOptions Tls { get; set; } = new();

    /// <summary>The margin in force.</summary>
    public TimeSpan EffectiveLeaseMargin => LeaseMargin ?? Lease / 50;

    /// <summary>What is wrong with these options; null if nothing is.</summary>
    public string? Refusal =>
        Heartbeat * 3 > Lease ? $"Cluster:Lease ({Lease}) must be at least three times Cluster:Heartbeat ({Heartbeat})."
        : LeaseMargin is { } margin && (margin < TimeSpan.Zero || margin > Lease / 3) ? $"Cluster:LeaseMargin ({margin}) must be between zero and a third of Cluster:Lease ({Lease})."
        : Secret.Length is > 0 and < SecretLengthMin ? $"Cluster:Secret has {Secret.Length} characters; it must have at least {SecretLengthMin}."
        : Tls.Refusal;
}

/// <summary>TLS between the processes of a cluster: section <c>Cluster:Tls</c>. Off while no certificate is named.</summary>
internal sealed class EmbeddedTlsOptions
{
    /// <summary>A PEM file with this process's certificate, with those that lead to its authority.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>A PEM file with the certificate's private key; the certificate's file if empty.</summary>
    public string Key { get; set; } = "";

    /// <summary>A PEM file with the authorities whose certificates are accepted; the machine's own if empty.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The name that the other side's certificate must bear. Empty: the host that was dialled.</summary>
    public string TargetHost { get; set; } = "";

    /// <summary>Whether connections are encrypted.</summary>
    public bool Enabled => Certificate.Length > 0;

    /// <summary>What is wrong with these options; null if nothing is.</summary>
    public string? Refusal => !Enabled && (Key.Length > 0 || Authority.Length > 0 || TargetHost.Length > 0)
        ? "Cluster:Tls:Certificate is missing, so that Cluster:Tls has no effect: name a certificate or leave the section out." : null;
}
