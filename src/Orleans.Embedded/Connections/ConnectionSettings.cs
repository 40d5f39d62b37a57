using System.Text;
using Orleans.Configuration;

namespace Orleans.Embedded.Connections;

/// <summary>What all connections of a process have in common.</summary>
internal sealed class ConnectionSettings
{
    /// <summary>Silence after which a connection is given up is never shorter than this, however short a lease is.</summary>
    private static readonly TimeSpan SilenceMin = TimeSpan.FromSeconds(3);

    /// <summary>The same with calls that wait. Longer than processes stand still that are only busy.</summary>
    private static readonly TimeSpan AnswerSilenceMin = TimeSpan.FromSeconds(2);

    /// <summary>The version of the protocol that this process speaks, and the oldest that it understands.</summary>
    public const int Version = 1;

    public const int OldestVersion = 1;

    public required PeerIdentity Self { get; init; }

    public required string ClusterId { get; init; }

    public required string ServiceId { get; init; }

    /// <summary>The cluster's secret as UTF-8.</summary>
    public required byte[] Secret { get; init; }

    public required int FrameMax { get; init; }

    /// <summary>
    /// Calls are refused when this many bytes wait to be sent to one process. Answers, which nobody can take back, are dropped from twice as many on, and their callers told that
    /// the outcome is unknown; a process for which four times as many wait reads nothing and is given up.
    /// </summary>
    public required int WaitingBytesMax { get; init; }

    /// <summary>How long it may take to connect. What is cut off answers nothing at all; the next attempt may find it back.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection on which nothing was heard for so long is given up, and one whose other side has read nothing for so long.</summary>
    public required TimeSpan SilenceMax { get; init; }

    /// <summary>
    /// The same while calls wait for answers: well below a lease, so that callers of a silo that is cut off hear of it before the silo is declared dead, and ask again in time.
    /// </summary>
    public TimeSpan AnswerSilenceMax { get; init; } = AnswerSilenceMin;

    /// <summary>How long a silo that starts bears the refusals of others: as long as a dead silo can stand in the view, and a stranger in its place answer.</summary>
    public TimeSpan AcceptPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Connections that have not shown yet who they are; more are closed at once.</summary>
    public int StrangersMax { get; init; } = 128;

    /// <summary>Encryption; null for none.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Random numbers for the waiting between attempts to connect.</summary>
    public Func<double> Random { get; init; } = NewRandom();

    public static ConnectionSettings Create(PeerIdentity self, ClusterOptions cluster, EmbeddedClusterOptions options) => new()
    {
        Self = self,
        ClusterId = cluster.ClusterId,
        ServiceId = cluster.ServiceId,
        Secret = Encoding.UTF8.GetBytes(options.Secret),
        FrameMax = options.FrameMax,
        WaitingBytesMax = (int)Math.Min(int.MaxValue / 2, options.FrameMax * 8L),
        SilenceMax = options.Lease > SilenceMin ? options.Lease : SilenceMin,
        AnswerSilenceMax = options.Lease * 0.4 > AnswerSilenceMin ? options.Lease * 0.4 : AnswerSilenceMin,
        AcceptPatience = options.Lease * 1.5,
        Tls = options.Tls.Enabled ? TlsSettings.Load(options.Tls) : null,
    };

    private static Func<double> NewRandom()
    {
        var random = new Random();
        return () =>
        {
            lock (random) return random.NextDouble();
        };
    }
}
