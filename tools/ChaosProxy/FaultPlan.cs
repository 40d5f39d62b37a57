using System.ComponentModel.DataAnnotations;

namespace Warroom.Chaos;

/// <summary>Which way bytes go.</summary>
public enum Direction
{
    /// <summary>Neither.</summary>
    None,

    /// <summary>From the client to the server.</summary>
    C2s,

    /// <summary>From the server to the client.</summary>
    S2c,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>What is wrong with the link from now on; replaced as a whole. Without members: nothing.</summary>
public sealed record FaultPlan
{
    /// <summary>How long each piece is held back, each way, in milliseconds. Order is kept.</summary>
    [Range(0, 60_000)]
    public int DelayMs { get; init; }

    /// <summary>By how much the delay varies up and down.</summary>
    [Range(0, 60_000)]
    public int JitterMs { get; init; }

    /// <summary>The most bytes a second, each way and for each connection; 0: no limit.</summary>
    [Range(0, int.MaxValue)]
    public int BytesPerSecond { get; init; }

    /// <summary>How likely a piece makes its connection break (a proxy above TCP cannot lose a packet: TCP would send it again; it can lose the connection).</summary>
    [Range(0, 1)]
    public double DropProbability { get; init; }

    /// <summary>After so many bytes from the server a connection is cut: the server's side is reset, the client gets what came and then the end; counted for each connection from its beginning; 0: never.</summary>
    [Range(0, long.MaxValue)]
    public long CutAfterBytes { get; init; }

    /// <summary>This way nothing arrives, though connections stay and new ones are accepted. What was sent arrives when this is over, as with TCP.</summary>
    public Direction Blackhole { get; init; }

    /// <summary>New connections are reset, as by a port on which nobody listens.</summary>
    public bool Refuse { get; init; }

    /// <summary>Breaks connections around one request.</summary>
    public HoldReply? HoldReply { get; init; }
}

/// <summary>Resets a connection just before a request is passed on, or after it was answered but before the answer arrives.</summary>
public sealed record HoldReply
{
    /// <summary>The request, as a regular expression over its bytes as Latin-1.</summary>
    public required string Request { get; init; }

    /// <summary>How the answer ends, in the same way; what comes up to there is never passed on.</summary>
    public string Reply { get; init; } = "";

    /// <summary>Whether the request reaches the server.</summary>
    public bool Forward { get; init; }

    /// <summary>How likely a matching request is broken.</summary>
    [Range(0, 1)]
    public double Probability { get; init; } = 1;

    /// <summary>How many are broken in all.</summary>
    [Range(1, int.MaxValue)]
    public int Times { get; init; } = int.MaxValue;
}
