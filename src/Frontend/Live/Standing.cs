using System.Collections.Immutable;

namespace Warroom.Frontend.Live;

/// <summary>How a front end stands to what it needs: told to all who watch the lists when they join, and whenever it changes.</summary>
public sealed record Standing
{
    /// <summary>What does not answer: <c>silo</c>, <c>database</c>. Empty when all is well.</summary>
    public required ImmutableArray<string> Away { get; init; }

    /// <summary>How long the first of these had been away when this was sent, in milliseconds; absent when all is well. A duration, because the page's clock need not be the server's.</summary>
    public long? AwayMs { get; init; }
}
