namespace Warroom.Health;

/// <summary>The answer of <c>GET /health</c>.</summary>
public sealed record StatusOnly
{
    /// <summary><c>ok</c>.</summary>
    public required string Status { get; init; }
}

/// <summary>The answer of <c>GET /live</c>.</summary>
public sealed record Liveness
{
    /// <summary>Always true: no answer is the other one.</summary>
    public required bool Alive { get; init; }
}
