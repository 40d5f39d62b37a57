namespace Warroom;

/// <summary>
/// One committed event of a log (an incident's timeline, a bot session). Within one log <see cref="Seq"/> runs 1, 2, 3, … without a gap,
/// and each event's hash covers its predecessor's: <c>hash(n) = SHA-256(hash(n-1) as 64 lower-case hex digits, '\n', owner id as 36 characters, '\n', seq in decimal, '\n', body)</c>,
/// all in UTF-8; hash(0) is 64 times '0'. A fork or a later edit therefore shows, also to a browser.
/// </summary>
[GenerateSerializer, Immutable, Alias("warroom.logged-event")]
public sealed record LoggedEvent
{
    /// <summary>1, 2, 3, … within its log.</summary>
    [Id(0)] public required long Seq { get; init; }

    /// <summary>64 lower-case hex digits.</summary>
    [Id(1)] public required string Hash { get; init; }

    /// <summary>The event as JSON text (an <c>IncidentEvent</c> or a <c>SessionEvent</c>), to the letter as it was hashed and stored.</summary>
    [Id(2)] public required string Body { get; init; }
}
