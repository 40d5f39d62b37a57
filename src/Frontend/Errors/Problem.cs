using System.Text.Json.Serialization;

namespace Warroom.Frontend.Errors;

/// <summary>Every error's body, <c>application/problem+json</c> (RFC 9457).</summary>
public sealed record Problem
{
    /// <summary><c>https://warroom.dev/problems/</c> and the code.</summary>
    [JsonPropertyOrder(-3)] public required string Type { get; init; }

    /// <summary>What the status means.</summary>
    [JsonPropertyOrder(-2)] public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    [JsonPropertyOrder(-1)] public required int Status { get; init; }

    /// <summary>A sentence that says what was wrong and what to do.</summary>
    public required string Detail { get; init; }

    /// <summary>Stable, dotted, lower-case: choose by it.</summary>
    public required string Code { get; init; }

    /// <summary>Finds the request in logs and traces.</summary>
    public required string TraceId { get; init; }

    /// <summary>The same sentence as <see cref="Detail"/>.</summary>
    public required string Error { get; init; }

    /// <summary>For an unknown outcome: send the same again under this <c>Idempotency-Key</c>.</summary>
    public Guid? OperationId { get; init; }
}
