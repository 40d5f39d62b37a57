namespace Warroom.Frontend.Errors;

/// <summary>What a failed request is answered with.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Stable, dotted, lower-case.</param>
/// <param name="Sentence">What was wrong and what to do.</param>
/// <param name="RetryAfter">When the same may work, if time helps.</param>
/// <param name="IsFault">Whether somebody must look: a bug of ours, logged as an error.</param>
internal sealed record Refusal(int Status, string Code, string Sentence, TimeSpan? RetryAfter = null, bool IsFault = false)
{
    /// <summary>The outcome is not known: the same operation id, sent again, finds out.</summary>
    public static Refusal Unknown { get; } = new(
        StatusCodes.Status504GatewayTimeout,
        "warroom.outcome_unknown",
        "Whether this took effect is not known. Send the same again with the same Idempotency-Key: it takes effect once.",
        TimeSpan.FromSeconds(1));
}
